"""The list of cuts: those that wait for the user's review, then all others."""

from typing import Any

from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy, pgettext_lazy
from wagtail.admin.views.generic import IndexView
from wagtail.permission_policies import ModelPermissionPolicy

from studio.collation.listing import CollatedListing
from studio.ui.tables import CARDS, LabelledColumn, MomentColumn, PictureTitleColumn
from videos.media.admin.list_pictures import with_pictures
from videos.media.models import Cut
from videos.review.access import waiting_for
from videos.review.models import Comment, Verdict


class VerdictColumn(LabelledColumn):
    """The latest verdict on a cut, with an icon."""

    cell_template_name = "review/verdict_cell.html"


class ReviewIndexView(CollatedListing, IndexView):
    """Every cut that can be watched; those that wait for the user's review come first."""

    model = Cut
    permission_policy = ModelPermissionPolicy(Verdict)
    any_permission_required = ["view"]
    page_title = gettext_lazy("Review")
    header_icon = "glasses"
    template_name = "review/index.html"
    results_template_name = "review/index_results.html"
    index_url_name = "review_cuts:index"
    table_classname = CARDS
    paginate_by = 25
    default_ordering = "-uploaded_at"
    columns = [
        PictureTitleColumn("video", label=gettext_lazy("Video"), url_name="review_cuts:cut"),
        LabelledColumn("number", label=pgettext_lazy("video", "Cut"), classname="review-number"),
        VerdictColumn("latest_kind", label=gettext_lazy("Verdict")),
        LabelledColumn(
            "open_comments", label=gettext_lazy("Open comments"), classname="review-number"
        ),
        LabelledColumn("uploaded_by", label=gettext_lazy("Uploaded by"), classname="review-wide"),
        MomentColumn(
            "uploaded_at",
            label=gettext_lazy("Uploaded"),
            sort_key="uploaded_at",
            classname="review-wide",
        ),
    ]

    @cached_property
    def waiting(self) -> list[Cut]:
        return with_pictures(waiting_for(self.request.user))

    def get_base_queryset(self) -> QuerySet[Cut]:
        latest = Verdict.objects.filter(cut=OuterRef("pk"))
        comments = Comment.objects.open().filter(cut=OuterRef("pk")).order_by()
        open_comments = comments.values("cut").annotate(n=Count("pk")).values("n")
        return (
            Cut.objects.filter(state=Cut.State.READY)
            .exclude(pk__in=[cut.pk for cut in self.waiting])
            .select_related("video", "uploaded_by", "current_set")
            .annotate(
                latest_kind=Subquery(latest.values("kind")[:1]),
                open_comments=Coalesce(Subquery(open_comments), 0),
            )
            .order_by(F("uploaded_at").desc(), "-pk")
        )

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        with_pictures(context["object_list"])
        return context | {"waiting": self.waiting, "can_add": False}
