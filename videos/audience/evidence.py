"""Views as evidence: who, how long, and whether they count."""

from collections import Counter

from django.db.models import Count

from videos.audience.counting import NotCounted, why_not
from videos.audience.models import Contact, View
from videos.planning.models import Video

# What a row of evidence prints, to be selected with it.
EVIDENCE = ("video", "viewer", "contact", "share_link__contact", "share_link__rep")


def why_not_counted(view: View) -> NotCounted | None:
    """Why the view does not count; None when it does."""
    return why_not(
        is_staff=view.is_staff,
        is_internal=view.is_internal,
        is_bot=view.is_bot,
        reached=view.counted_at is not None,
    )


def contact_of_view(view: View) -> Contact | None:
    """The contact that the view itself names: an imported one, or the share link's if it counts.

    What the viewer's other views say of an anonymous one is the deals' to tell.
    """
    if view.contact:
        return view.contact
    if view.share_link and why_not_counted(view) is None:
        return view.share_link.contact
    return None


def tally(video: Video) -> Counter[NotCounted | None]:
    """How many views of the video count (None), and how many do not for each reason."""
    found: Counter[NotCounted | None] = Counter()
    flags = ("is_staff", "is_internal", "is_bot")
    for *flagged, views, reached in (
        View.objects.filter(video=video)
        .order_by()
        .values_list(*flags)
        .annotate(views=Count("pk"), reached=Count("counted_at"))
    ):
        excluded = why_not(**dict(zip(flags, flagged, strict=True)), reached=True)
        if excluded:
            found[excluded] += views
        else:
            found.update({None: reached, NotCounted.SHORT: views - reached})
    return +found
