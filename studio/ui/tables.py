"""Columns for the admin's tables, whose rows become cards on a phone."""

from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn

CARDS = "listing ui-listing"  # the classes of a table whose rows become cards on a phone


class LabelledColumn(Column):
    """A column that shows its label in the cell on a phone, where rows become cards."""

    cell_template_name = "ui/cell.html"


class BadgeColumn(LabelledColumn):
    """A column of badges; its accessor returns a Badge or None."""

    cell_template_name = "ui/badge_cell.html"


class PictureTitleColumn(TitleColumn):
    """A column of titles, each with a small poster: the row's attribute `picture`."""

    cell_template_name = "ui/picture_title_cell.html"


class DayColumn(LabelledColumn):
    """A column of dates: relative near today, the date on hover."""

    cell_template_name = "ui/day_cell.html"


class MomentColumn(DateColumn):
    """A column of datetimes: relative, the exact time on hover; a dash for None."""

    cell_template_name = "ui/moment_cell.html"
