"""Views as evidence: who, how long, and whether they count."""

from collections import Counter

from django.conf import settings

from videos.audience.counting import NotCounted, why_not
from videos.audience.models import Contact, View
from videos.planning.models import Video

# What a row of evidence prints, to be selected with it.
EVIDENCE = ("video", "viewer", "contact", "share_link__contact", "share_link__rep")


def why_not_counted(view: View) -> NotCounted | None:
    """Why the view does not count; None when it does. Needs `view.video`."""
    return why_not(
        view.seconds_watched,
        view.video.duration_seconds,
        is_staff=view.is_staff,
        is_internal=view.is_internal,
        is_bot=view.is_bot,
        view_min_seconds=settings.VIEW_MIN_SECONDS,
    )


def contact_of_view(view: View) -> Contact | None:
    """The contact that the view itself names: an imported one, or the share link's if it counts.

    What the viewer's other views say of an anonymous one is the deals' to tell.
    """
    if view.contact:
        return view.contact
    if view.share_link and why_not_counted(view) is None and not was_staff(view):
        return view.share_link.contact
    return None


def was_staff(view: View) -> bool:
    """Whether the view's browser ever signed in as staff, so that it is nobody's."""
    return bool(view.viewer and view.viewer.was_staff)


def tally(video: Video) -> Counter[NotCounted | None]:
    """How many views of the video count (None), and how many do not for each reason."""
    rows = View.objects.filter(video=video).values_list(
        "seconds_watched", "is_staff", "is_internal", "is_bot"
    )
    return Counter(
        why_not(
            seconds,
            video.duration_seconds,
            is_staff=is_staff,
            is_internal=is_internal,
            is_bot=is_bot,
            view_min_seconds=settings.VIEW_MIN_SECONDS,
        )
        for seconds, is_staff, is_internal, is_bot in rows.iterator()
    )
