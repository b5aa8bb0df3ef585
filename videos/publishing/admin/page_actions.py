"""What a producer does to a public page from the video's page."""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from wagtail.admin import messages as admin_messages
from wagtail.log_actions import log
from wagtail.models import Revision

from studio.clock import instant_text
from studio.people.models import User
from videos.media.cuts.carry_over import Carried, carry_over, lines_in_words, losses, outside
from videos.media.cuts.published import publish
from videos.media.models import Cut
from videos.planning.models import Video
from videos.planning.urls_for import video_url
from videos.publishing.forms import CutForm
from videos.publishing.models import VideoIndexPage, VideoPage
from videos.publishing.public_text import text_from_video, text_of_page
from videos.publishing.readiness import PublishRefused, lock_blocker, loss_blocker, publishing_cut
from videos.publishing.visibility import visibility_of

CAPTIONS_PUBLISHED = "publishing.captions"


@require_POST
def create_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the draft of a video's public page, all of it or nothing, and open it in the editor."""
    index = VideoIndexPage.objects.order_by("path").first()
    if index is None or not index.permissions_for_user(request.user).can_add_subpage():
        raise PermissionDenied
    with transaction.atomic():
        video = get_object_or_404(Video.objects.select_for_update(), pk=pk)
        page = VideoPage.objects.filter(video=video).first()
        is_new = page is None
        if page is None:
            page = VideoPage(title=video.title, video=video, live=False, owner=request.user)
            index.add_child(instance=page)
            page.save_revision(user=request.user)
    if is_new:
        messages.success(
            request,
            _(
                "This is the draft of the public page. Publish it when it is finished: in the menu"
                " beside “Save draft”, or on the video’s page."
            ),
        )
    return redirect("wagtailadmin_pages:edit", page.pk)


@require_POST
def publish_now(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish the newest draft of a page with the cut that was chosen, whatever its schedule."""
    page = page_to_publish(request, pk)
    ended = page.expire_at if page.expired else None
    answer = published_with_cut(request, page, partial(draft_to_publish, page, by=request.user))
    if ended and page.live:
        text = _(
            "Its expiry time, %(when)s, has passed and was removed."
            " The page stays live until somebody retires it."
        )
        messages.info(request, text % {"when": instant_text(ended)})
    return answer


@require_POST
def replace_cut(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish a live page again as it is, with the approved cut that was chosen for it."""
    page = page_to_publish(request, pk)
    return published_with_cut(
        request, page, lambda: page.live_revision or draft_to_publish(page, by=request.user)
    )


@require_POST
def publish_captions(request: HttpRequest, pk: int) -> HttpResponse:
    """Let viewers of a live page have the captions and the poster that its cut has now.

    Where viewers lose some, `known` is what the form named.
    """
    page = page_to_publish(request, pk)
    if not page.live or page.cut is None:
        messages.error(request, _("This page is not live."))
        return redirect(video_url(page.video))
    with transaction.atomic():
        missing = losses(page.cut, page.cut).in_words
        if missing != request.POST.get("known", ""):
            messages.error(
                request, _("What viewers lose has changed meanwhile. Check it, then publish again.")
            )
            return redirect(video_url(page.video))
        publish(page.cut)
        data = {"cut": page.cut.number, "lost": missing}
        log(page, CAPTIONS_PUBLISHED, user=request.user, data=data)
    messages.success(request, _("The current captions and poster are published."))
    return redirect(video_url(page.video))


@require_POST
def carry_over_to_cut(request: HttpRequest, pk: int) -> HttpResponse:
    """Carry over to the approved cut what viewers would miss, to publish it later."""
    page = page_to_publish(request, pk)
    try:
        form = cleaned_cut_form(request, page)
        carry_to(request, page.cut, form)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        text = _(
            "What viewers would miss was carried over to cut %(number)d. Publish that cut to"
            " show it to them."
        )
        messages.success(request, text % {"number": form["cut"].number})
    return redirect(video_url(page.video))


def published_with_cut(
    request: HttpRequest, page: VideoPage, revision: Callable[[], Revision]
) -> HttpResponse:
    """The page published with the cut that the form names, and what it asks to carry over.

    All of it or nothing, the `revision` that is made for it too.

    A form with “carry” unticked told what viewers lose: `known` is what it named.
    """
    try:
        form = cleaned_cut_form(request, page)
        missing = losses(page.cut, form["cut"])
        with transaction.atomic(), publishing_cut(form["cut"]):
            if missing and form["carry"]:
                lost = lines_in_words(outside(page.cut, form["cut"], form["shift"]))
                if lost and not form["without_lines"]:
                    raise ValidationError(lost_lines_error(lost))
                carry_to(request, page.cut, form)
            elif missing.in_words != form["known"] and (
                reason := loss_blocker(missing, form["cut"])
            ):
                raise ValidationError(reason)
            revision().publish(user=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect(video_url(page.video))
    return published_response(request, page)


def lost_lines_error(lost: str) -> str:
    """Why a cut is not published yet whose viewers would miss the lines of captions `lost`."""
    return _(
        "Nothing is published yet. %(lost)s. Change by how much captions come later, or tick that"
        " such lines are left out."
    ) % {"lost": lost}


def cleaned_cut_form(request: HttpRequest, page: VideoPage) -> dict[str, Any]:
    """Which cut the form names, and what it asks for. Raises ValidationError."""
    form = CutForm(page.video, request.POST)
    if not form.is_valid():
        raise ValidationError([text for texts in form.errors.values() for text in texts])
    return form.cleaned_data


def carry_to(request: HttpRequest, old: Cut | None, form: dict[str, Any]) -> None:
    """Carry over as the form asks, and list what could not be. Raises ValidationError."""
    if old is None:
        raise ValidationError(_("There is no cut to carry anything over from."))
    warn_of_lost_lines(
        request, carry_over(old, form["cut"], form["shift"], by=cast(User, request.user))
    )


def warn_of_lost_lines(request: HttpRequest, carried: Carried) -> None:
    """List the lines of captions that lie outside of the new cut."""
    if said := lines_in_words(carried.lost):
        messages.warning(request, said)


@require_POST
def publish_text(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish what the video says now in place of what a live page keeps, and nothing else.

    Of the text that the user read, by its digest `text`: it may have changed once more.
    """
    page = page_to_publish(request, pk)
    if request.POST.get("text") != text_from_video(page.video).digest:
        messages.error(request, _("The text has changed meanwhile. Check it, then publish again."))
        return redirect(video_url(page.video))
    if not page.live:
        messages.error(request, _("The page is not live. It gets the text when you publish it."))
        return redirect(video_url(page.video))
    try:
        with transaction.atomic():
            draft = unpublished_draft(page)
            revision_with_new_text(page, by=request.user).publish(user=request.user)
            page.refresh_from_db()
            if draft:
                draft.live_revision_id = page.live_revision_id
                draft.copy_text()
                newest_again = draft.save_revision(user=request.user)
                if draft.go_live_at:
                    newest_again.publish(user=request.user)  # at that time
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect(video_url(page.video))
    return published_response(request, page)


def revision_with_new_text(page: VideoPage, *, by: User | AnonymousUser) -> Revision:
    """A revision of what is public, with the video's text of this moment."""
    live: VideoPage = page.live_revision.as_object() if page.live_revision else page
    live.copy_text()
    revision: Revision = live.save_revision(user=by)
    return revision


def unpublished_draft(page: VideoPage) -> VideoPage | None:
    """The newest draft of a live page where it has changes that are not public yet."""
    draft: VideoPage = page.get_latest_revision_as_object()
    return draft if page.has_unpublished_changes and page.live_revision else None


def page_to_publish(request: HttpRequest, pk: int) -> VideoPage:
    """The page, if the user may publish it. Raises PublishRefused while somebody locks it."""
    page: VideoPage = get_object_or_404(VideoPage.objects.select_related("video"), pk=pk)
    if not page.permissions_for_user(request.user).can_publish():
        raise PermissionDenied
    if reason := lock_blocker(page, request.user):
        raise PublishRefused(reason)
    return page


def draft_to_publish(page: VideoPage, *, by: User | AnonymousUser) -> Revision:
    """The newest draft as a revision without a time to wait for."""
    draft: VideoPage = page.get_latest_revision_as_object()
    latest = page.get_latest_revision()
    is_current = page.live or text_of_page(draft) == text_from_video(page.video)
    if latest and draft.go_live_at is None and is_current:
        return latest
    draft.go_live_at = None
    fresh: Revision = draft.save_revision(user=by)
    return fresh


def published_response(request: HttpRequest, page: VideoPage) -> HttpResponse:
    """Back on the video's page, with the page live."""
    page.refresh_from_db()
    text = _("“%(title)s” is live.") % {"title": page.title}
    view = admin_messages.button(page.full_url, _("View live"))
    admin_messages.success(request, f"{text} {visibility_of(page).description}", buttons=[view])
    return redirect(video_url(page.video))
