"""Columns of the lists in the admin, and tables whose rows become cards on a phone."""

from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn

CARDS = "listing ui-listing"  # the classes of a table whose rows become cards on a phone


class LabelledColumn(Column):
    """A column that on a phone, where rows become cards, shows its label in the cell."""

    cell_template_name = "ui/cell.html"


class BadgeColumn(LabelledColumn):
    """A column of badges; its accessor gives a Badge, or None."""

    cell_template_name = "ui/badge_cell.html"


class PictureTitleColumn(TitleColumn):
    """A column of titles, each beside the small poster that the row has as its `picture`."""

    cell_template_name = "ui/picture_title_cell.html"


class DayColumn(LabelledColumn):
    """A column of days, in words near today, exact on hover."""

    cell_template_name = "ui/day_cell.html"


class MomentColumn(DateColumn):
    """A column of moments, in words when near, exact on hover; a dash where none has come."""

    cell_template_name = "ui/moment_cell.html"
