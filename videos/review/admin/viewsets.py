"""The URLs and the menu item of the review."""

from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet

from videos.review.access import may_watch
from videos.review.admin.views import cut, cuts
from videos.review.admin.views.download import DownloadView


class ReviewMenuItem(MenuItem):
    """Shown to users who may watch cuts."""

    def is_shown(self, request: HttpRequest) -> bool:
        return may_watch(request.user)


class ReviewViewSet(ViewSet):
    """The list of cuts, and the page of each."""

    icon = "glasses"
    menu_label = _("Review")
    menu_order = 150
    menu_item_class = ReviewMenuItem
    add_to_admin_menu = True

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", cuts.ReviewIndexView.as_view(), name="index"),
            path("<int:pk>/", cut.CutView.as_view(), name="cut"),
            path("<int:pk>/download/", DownloadView.as_view(), name="download"),
            path("<int:pk>/approve/", cut.ApproveView.as_view(), name="approve"),
            path("<int:pk>/played/", cut.PlayedView.as_view(), name="played"),
            path("<int:pk>/changes/", cut.ChangesView.as_view(), name="changes"),
            path("<int:pk>/comment/", cut.CommentView.as_view(), name="comment"),
            path(
                "<int:pk>/comments/<int:comment>/done/",
                cut.MarkCommentView.as_view(),
                name="comment_done",
            ),
            path(
                "<int:pk>/comments/<int:comment>/reopen/",
                cut.MarkCommentView.as_view(done=False),
                name="reopen_comment",
            ),
            path(
                "<int:pk>/comments/<int:comment>/remove/",
                cut.RemoveCommentView.as_view(),
                name="remove_comment",
            ),
        ]
