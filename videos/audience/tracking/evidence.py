"""What a single view proves: who watched, for how long, and whether it counts."""

from collections import Counter

from django.db.models import Count

from videos.audience.models import Contact, View
from videos.audience.tracking.counting import ExclusionReason, exclusion_reason
from videos.planning.models import Video

# For `select_related`: what a list of views prints.
EVIDENCE = ("video", "viewer", "contact", "share_link__contact", "share_link__rep")


def exclusion_reason_of(view: View) -> ExclusionReason | None:
    """Why the view does not count; None when it does."""
    return exclusion_reason(
        is_staff=view.is_staff,
        is_internal=view.is_internal,
        is_bot=view.is_bot,
        reached=view.counted_at is not None,
    )


def contact_of_view(view: View) -> Contact | None:
    """The contact of this view alone: an imported one, or its share link's if the view counts.

    `videos.deals` identifies anonymous views by the viewer's other views.
    """
    if view.contact:
        return view.contact
    if view.share_link and exclusion_reason_of(view) is None:
        return view.share_link.contact
    return None


def count_views_by_reason(video: Video) -> Counter[ExclusionReason | None]:
    """The number of views of a video by exclusion reason; None for those that count."""
    found: Counter[ExclusionReason | None] = Counter()
    flags = ("is_staff", "is_internal", "is_bot")
    for *flagged, views, reached in (
        View.objects.filter(video=video)
        .order_by()
        .values_list(*flags)
        .annotate(views=Count("pk"), reached=Count("counted_at"))
    ):
        excluded = exclusion_reason(**dict(zip(flags, flagged, strict=True)), reached=True)
        if excluded:
            found[excluded] += views
        else:
            found.update({None: reached, ExclusionReason.SHORT: views - reached})
    return +found
