"""What the review adds to the admin."""

from wagtail import hooks

from videos.planning.admin.panels import register_video_panel
from videos.review.admin.panels import ReviewPanel
from videos.review.admin.viewsets import ReviewViewSet
from videos.review.log_actions import register_actions

register_video_panel(ReviewPanel)
hooks.register("register_log_actions", register_actions)


@hooks.register("register_admin_viewset")
def register_review_viewset() -> ReviewViewSet:
    """The review's pages under `/admin/review/`."""
    return ReviewViewSet("review_cuts", url_prefix="review")
