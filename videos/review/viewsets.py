"""Where the review lies in the admin."""

from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet

from videos.review import views
from videos.review.access import may_watch
from videos.review.downloads import DownloadView


class ReviewMenuItem(MenuItem):
    """Shown to who may watch cuts."""

    def is_shown(self, request: HttpRequest) -> bool:
        return may_watch(request.user)


class ReviewViewSet(ViewSet):
    """The list of cuts, and the page of one."""

    icon = "glasses"
    menu_label = _("Review")
    menu_order = 150
    menu_item_class = ReviewMenuItem
    add_to_admin_menu = True

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", views.ReviewIndexView.as_view(), name="index"),
            path("<int:pk>/", views.CutView.as_view(), name="cut"),
            path("<int:pk>/download/", DownloadView.as_view(), name="download"),
            path("<int:pk>/approve/", views.ApproveView.as_view(), name="approve"),
            path("<int:pk>/changes/", views.ChangesView.as_view(), name="changes"),
            path("<int:pk>/comment/", views.CommentView.as_view(), name="comment"),
            path(
                "<int:pk>/comments/<int:comment>/remove/",
                views.RemoveCommentView.as_view(),
                name="remove_comment",
            ),
        ]
