"""Columns of the audience's lists."""

from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, Table, TitleColumn

from studio.ui.badges import Badge
from studio.ui.tables import CARDS, BadgeColumn, LabelledColumn, MomentColumn
from videos.audience.models import ShareLink, View
from videos.audience.tracking.evidence import contact_of_view, exclusion_reason_of
from videos.audience.urls_for import contact_url, link_url
from videos.planning.urls_for import video_url


class CardTable(Table):
    """A table on the page of another object; it cannot be sorted."""

    def __init__(self, columns: list[Column], data: Any) -> None:
        for column in columns:
            column.sort_key = None
        super().__init__(columns, data, classname=CARDS)


class NumberColumn(LabelledColumn):
    """A right-aligned column of numbers with units."""

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(name, classname="audience-number", **kwargs)


class LinkColumn(TitleColumn):
    """Links to the page of a related object, for users who may open it."""

    cell_template_name = "audience/link_cell.html"


def seconds_text(seconds: Decimal | None) -> str:
    """Format seconds for display; a dash if unknown."""
    if seconds is not None and not seconds.is_finite():
        return str(_("out of bounds"))
    return "–" if seconds is None else f"{number_format(seconds, decimal_pos=1)} s"


def times_text(times: int) -> str:
    """Format how often a link was watched."""
    return (
        ngettext("%(n)d time", "%(n)d times", times) % {"n": times} if times else gettext("not yet")
    )


def counted_badge(view: View) -> Badge:
    """A badge that tells whether the view counts, or why it does not."""
    reason = exclusion_reason_of(view)
    if reason is None:
        return Badge(_("counts"), "check", "good")
    return Badge(reason.label, "no-view", "quiet")


def link_columns(*, with_rep: bool, with_contact: bool = True) -> list[Column]:
    """Columns for share links from a queryset with `with_watched()`."""
    columns: list[Column] = [
        TitleColumn("video", label=_("Video"), get_url=link_url, sort_key="video__title")
    ]
    if with_contact:
        columns.append(
            LinkColumn(
                "contact",
                label=_("Made for"),
                get_url=lambda link: contact_url(link.contact),
                sort_key="contact__name",
            )
        )
    columns += [
        NumberColumn(
            "watched",
            label=_("Watched"),
            accessor=lambda link: times_text(link.watched),
            sort_key="watched",
        ),
        MomentColumn("last_watched", label=_("Last watched"), sort_key="last_watched"),
    ]
    if with_rep:
        columns.append(LabelledColumn("rep", label=_("Made by"), sort_key="rep__first_name"))
    made = MomentColumn("created_at", label=_("Made"), sort_key="created_at")
    return [*columns, made]


def view_columns(*, with_contact: bool = True, opens_contacts: bool = True) -> list[Column]:
    """Columns of views; see `evidence.EVIDENCE` for what to select with them."""
    columns: list[Column] = [
        MomentColumn("started_at", label=_("Started"), sort_key="started_at"),
        LinkColumn("video", label=_("Video"), get_url=lambda view: video_url(view.video)),
    ]
    if with_contact:
        columns.append(
            LinkColumn(
                "who",
                label=_("Who"),
                accessor=lambda view: contact_of_view(view) or gettext("not known"),
                get_url=lambda view: who_url(view) if opens_contacts else None,
            )
        )
    return [
        *columns,
        NumberColumn(
            "seconds", label=_("Watched"), accessor=lambda view: seconds_text(view.seconds_watched)
        ),
        BadgeColumn("counted", label=_("Counts"), accessor=counted_badge),
        MomentColumn("counted_at", label=_("Counted since"), sort_key="counted_at"),
        LabelledColumn("came", label=_("Came from"), accessor=source_text),
    ]


def who_url(view: View) -> str | None:
    """The URL of the contact who watched; None if the view does not tell."""
    contact = contact_of_view(view)
    return contact_url(contact) if contact else None


def source_text(view: View) -> str:
    """Where the view came from: a share link, an import, or the site itself."""
    link: ShareLink | None = view.share_link
    if link:
        return gettext("%(rep)s's link") % {"rep": link.rep}
    return gettext("imported") if view.imported else gettext("the site")
