"""What a producer does to a public page from the video's page."""

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from wagtail.models import Revision

from studio.people.models import User
from videos.planning.addresses import video_url
from videos.planning.models import Video
from videos.publishing.models import VideoIndexPage, VideoPage


@require_POST
def make_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the draft of a video's public page, and open it in the editor."""
    video = get_object_or_404(Video, pk=pk)
    index = VideoIndexPage.objects.order_by("path").first()
    if index is None or not index.permissions_for_user(request.user).can_add_subpage():
        raise PermissionDenied
    page = VideoPage.objects.filter(video=video).first()
    if page is None:
        page = VideoPage(title=video.title, video=video, live=False, owner=request.user)
        index.add_child(instance=page)
        page.save_revision(user=request.user)
        messages.success(
            request,
            _(
                "Here is the draft of the public page. When it reads well, publish it: in the menu"
                " beside “Save draft”, or on the page of the video."
            ),
        )
    return redirect("wagtailadmin_pages:edit", page.pk)


@require_POST
def publish_now(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish the newest draft of a page, whenever it was scheduled for."""
    page = page_to_publish(request, pk)
    return published(request, page, newest(page, by=request.user))


@require_POST
def replace_cut(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish a live page again as it is, with the cut that is approved now."""
    page = page_to_publish(request, pk)
    return published(request, page, page.live_revision or newest(page, by=request.user))


def page_to_publish(request: HttpRequest, pk: int) -> VideoPage:
    """The page, if the user may publish it."""
    page: VideoPage = get_object_or_404(VideoPage.objects.select_related("video"), pk=pk)
    if not page.permissions_for_user(request.user).can_publish():
        raise PermissionDenied
    return page


def newest(page: VideoPage, *, by: User | AnonymousUser) -> Revision:
    """The newest draft as a revision without a time to wait for."""
    draft: VideoPage = page.get_latest_revision_as_object()
    latest = page.get_latest_revision()
    if latest and draft.go_live_at is None:
        return latest
    draft.go_live_at = None
    fresh: Revision = draft.save_revision(user=by)
    return fresh


def published(request: HttpRequest, page: VideoPage, revision: Revision) -> HttpResponse:
    """Back on the video's page, with the page published or the reason why not."""
    try:
        revision.publish(user=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        page.refresh_from_db()
        text = _("“%(title)s” is public.") % {"title": page.title}
        link = format_html('<a href="{}">{}</a>', page.full_url, _("View live"))
        messages.success(request, format_html("{} {}", text, link))
    return redirect(video_url(page.video))
