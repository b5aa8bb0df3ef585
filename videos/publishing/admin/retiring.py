"""Retiring the page of a video: asked once, told what follows, and open again to publishing.

Wagtail's own ways to take a page down lead here (`permissions.py` closes them): unpublishing says
nothing of the links that lead to a video, and ends among Wagtail's pages instead of at the video.
"""

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView
from wagtail.actions.unpublish_page import UnpublishPageAction
from wagtail.admin.action_menu import ActionMenuItem
from wagtail.admin.auth import require_admin_access
from wagtail.admin.ui.menus.pages import PageMenuItem
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.pages.delete import DeleteView
from wagtail.admin.views.pages.unpublish import UnpublishView
from wagtail.models import Page, ReferenceIndex

from studio.once.views import Once
from studio.people.models import User
from videos.planning.access import signed_in
from videos.planning.urls_for import video_url
from videos.publishing.models import VideoIndexPage, VideoPage
from videos.publishing.readiness import lock_blocker
from videos.publishing.retirement_warnings import retirement_warnings
from videos.publishing.schedule import acting_as

LABEL = gettext_lazy("Retire")
ICON = "download"


class RetireView(Once, WagtailAdminTemplateMixin, TemplateView):
    """Asks whether a page is to be taken down and says what follows; then does it."""

    template_name = "publishing/retire.html"
    header_icon = "globe"
    page_title = gettext_lazy("Retire")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.page.permissions_for_user(request.user).can_publish():
            raise PermissionDenied
        if not self.page.live:
            text = _("“%(title)s” is not live, so it cannot be retired.")
            messages.info(request, text % {"title": self.page.title})
            return redirect(video_url(self.page.video))
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def page(self) -> VideoPage:
        pages = VideoPage.objects.select_related("video", "cut")
        page: VideoPage = get_object_or_404(pages, pk=self.kwargs["pk"])
        return page

    def get_page_subtitle(self) -> str:
        title: str = self.page.video.title
        return title

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        scheduled = self.page.scheduled_revision
        references = ReferenceIndex.get_references_to(self.page).group_by_source_object()
        return super().get_context_data(
            page=self.page,
            back=video_url(self.page.video),
            locked=lock_blocker(self.page, self.request.user),
            retirement_warnings=retirement_warnings(self.page),
            goes_live_at=scheduled.approved_go_live_at if scheduled else None,
            references=references.count(),
            references_url=reverse("wagtailadmin_pages:usage", args=[self.page.pk]),
            **kwargs,
        )

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if reason := lock_blocker(self.page, request.user):
            self.is_refused = True
            messages.error(request, reason)
            return redirect(video_url(self.page.video))
        retire_page(self.page, by=signed_in(request))
        text = _(
            "“%(title)s” is retired. Nobody can watch it now. You can publish it again at any time."
        )
        messages.success(request, text % {"title": self.page.title})
        return redirect(video_url(self.page.video))


def retire_page(page: VideoPage, *, by: User) -> None:
    """Retire a page, all or nothing. Whether `by` may is asked before."""
    with transaction.atomic(), acting_as(by):
        UnpublishPageAction(page, user=by).execute(skip_permission_checks=True)


def may_retire(page: Page, user: User | AnonymousUser) -> bool:
    """Whether a page is the page of a video that the user may take down."""
    return page.specific_class is VideoPage and page.permissions_for_user(user).can_retire()


class RetireMenuItem(ActionMenuItem):
    """*Retire* in the editor of a video's page, where Wagtail has *Unpublish*."""

    name = "action-retire"
    label = LABEL
    icon_name = ICON

    def is_shown(self, context: dict[str, Any]) -> bool:
        return (
            context["view"] == "edit"
            and not context["locked_for_user"]
            and may_retire(context["page"], context["request"].user)
        )

    def get_url(self, parent_context: dict[str, Any]) -> str:
        return reverse("publishing_retire", args=[parent_context["page"].pk])


class RetireButton(PageMenuItem):
    """*Retire* in the menus of a page, in lists and in its head."""

    label = LABEL
    icon_name = ICON
    url_name = "publishing_retire"

    def is_shown(self, user: User | AnonymousUser) -> bool:
        return may_retire(self.page, user)


@never_cache
@require_admin_access
def unpublish(request: HttpRequest, page_id: int) -> HttpResponseBase:
    """Wagtail's page to unpublish another page; that of a video is retired."""
    if VideoPage.objects.filter(pk=page_id).exists():
        return redirect("publishing_retire", page_id)
    if VideoIndexPage.objects.filter(pk=page_id).exists():
        return refuse_front_page(request, page_id)
    view: HttpResponseBase = UnpublishView.as_view()(request, page_id=page_id)
    return view


@never_cache
@require_admin_access
def delete(request: HttpRequest, page_id: int) -> HttpResponseBase:
    """Wagtail's page to delete a page; a live one of a video is retired first."""
    page = VideoPage.objects.filter(pk=page_id, live=True).first()
    if page:
        text = _("“%(title)s” is live. Retire it first, then delete the draft.")
        messages.warning(request, text % {"title": page.title})
        return redirect("publishing_retire", page_id)
    if VideoIndexPage.objects.filter(pk=page_id).exists():
        return refuse_front_page(request, page_id)
    view: HttpResponseBase = DeleteView.as_view()(request, page_id=page_id)
    return view


def refuse_front_page(request: HttpRequest, page_id: int) -> HttpResponse:
    """Back among the pages, with why the front page is not taken down."""
    text = _("The front page cannot be removed: all videos are below it. Retire videos one by one.")
    messages.error(request, text)
    return redirect("wagtailadmin_explore", page_id)
