"""What a producer does to a public page from the video's page."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from wagtail.log_actions import log
from wagtail.models import Revision

from studio.people.models import User
from videos.media.carrying import Carried, carry_over, lines_in_words, losses, outside
from videos.media.models import Cut
from videos.media.published import publish
from videos.planning.addresses import video_url
from videos.planning.models import Video
from videos.publishing.forms import CutForm
from videos.publishing.models import VideoIndexPage, VideoPage
from videos.publishing.reach import reach_of
from videos.publishing.readiness import PublishRefused, choosing, why_locked, why_not_without
from videos.publishing.texts import kept_text, text_of

CAPTIONS_PUBLISHED = "publishing.captions"


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
    """Publish the newest draft of a page with the cut that was chosen, whatever its schedule."""
    page = page_to_publish(request, pk)
    return published_with_cut(request, page, newest(page, by=request.user))


@require_POST
def replace_cut(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish a live page again as it is, with the approved cut that was chosen for it."""
    page = page_to_publish(request, pk)
    return published_with_cut(request, page, page.live_revision or newest(page, by=request.user))


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
                request, _("What viewers lose has changed. Read it again, then publish it.")
            )
            return redirect(video_url(page.video))
        publish(page.cut)
        data = {"cut": page.cut.number, "lost": missing}
        log(page, CAPTIONS_PUBLISHED, user=request.user, data=data)
    messages.success(request, _("Viewers have the captions and the poster as they are now."))
    return redirect(video_url(page.video))


@require_POST
def carry(request: HttpRequest, pk: int) -> HttpResponse:
    """Carry over to the approved cut what viewers would miss, to publish it later."""
    page = page_to_publish(request, pk)
    try:
        form = asked(request, page)
        carry_to(request, page.cut, form)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        text = _("Cut %(number)d has them now; viewers do when you publish it.")
        messages.success(request, text % {"number": form["cut"].number})
    return redirect(video_url(page.video))


def published_with_cut(request: HttpRequest, page: VideoPage, revision: Revision) -> HttpResponse:
    """The page published with the cut that the form names, and what it asks to carry over.

    A form with “carry” unticked told what viewers lose: `known` is what it named.
    """
    try:
        form = asked(request, page)
        missing = losses(page.cut, form["cut"])
        with transaction.atomic(), choosing(form["cut"]):
            if missing and form["carry"]:
                lost = lines_in_words(outside(page.cut, form["cut"], form["shift"]))
                if lost and not form["without_lines"]:
                    raise ValidationError(without_lines(lost))
                carry_to(request, page.cut, form)
            elif missing.in_words != form["known"] and (
                reason := why_not_without(missing, form["cut"])
            ):
                raise ValidationError(reason)
            revision.publish(user=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect(video_url(page.video))
    return told_public(request, page)


def without_lines(lost: str) -> str:
    """Why a cut is not published yet whose viewers would miss the lines of captions `lost`."""
    return _(
        "Nothing is published yet. %(lost)s. Change by how much captions come later, or tick that"
        " such lines are left out."
    ) % {"lost": lost}


def asked(request: HttpRequest, page: VideoPage) -> dict[str, Any]:
    """Which cut the form names, and what it asks for. Raises ValidationError."""
    form = CutForm(page.video, request.POST)
    if not form.is_valid():
        raise ValidationError([text for texts in form.errors.values() for text in texts])
    return form.cleaned_data


def carry_to(request: HttpRequest, old: Cut | None, form: dict[str, Any]) -> None:
    """Carry over as the form asks, and list what could not be. Raises ValidationError."""
    if old is None:
        raise ValidationError(_("There is no cut to carry anything over from."))
    tell_lost(request, carry_over(old, form["cut"], form["shift"], by=cast(User, request.user)))


def tell_lost(request: HttpRequest, carried: Carried) -> None:
    """List the lines of captions that lie outside of the new cut."""
    if said := lines_in_words(carried.lost):
        messages.warning(request, said)


@require_POST
def publish_text(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish what the video says now in place of what a live page keeps, and nothing else.

    Of the text that the user read, by its digest `text`: it may have changed once more.
    """
    page = page_to_publish(request, pk)
    if request.POST.get("text") != text_of(page.video).digest:
        messages.error(
            request, _("The text has changed once more. Read it again, then publish it.")
        )
        return redirect(video_url(page.video))
    if not page.live:
        messages.error(request, _("The page is not live. It takes the text when you publish it."))
        return redirect(video_url(page.video))
    with transaction.atomic():
        draft = unpublished(page)
        answer = published(request, page, with_new_text(page, by=request.user))
        if draft:
            draft.live_revision_id = page.live_revision_id
            draft.take_text()
            newest_again = draft.save_revision(user=request.user)
            if draft.go_live_at:
                newest_again.publish(user=request.user)  # at that time
    return answer


def with_new_text(page: VideoPage, *, by: User | AnonymousUser) -> Revision:
    """A revision of what is public, with the video's text of this moment."""
    live: VideoPage = page.live_revision.as_object() if page.live_revision else page
    live.take_text()
    revision: Revision = live.save_revision(user=by)
    return revision


def unpublished(page: VideoPage) -> VideoPage | None:
    """The newest draft of a live page where it has changes that are not public yet."""
    draft: VideoPage = page.get_latest_revision_as_object()
    return draft if page.has_unpublished_changes and page.live_revision else None


def page_to_publish(request: HttpRequest, pk: int) -> VideoPage:
    """The page, if the user may publish it. Raises PublishRefused while somebody locks it."""
    page: VideoPage = get_object_or_404(VideoPage.objects.select_related("video"), pk=pk)
    if not page.permissions_for_user(request.user).can_publish():
        raise PermissionDenied
    if reason := why_locked(page, request.user):
        raise PublishRefused(reason)
    return page


def newest(page: VideoPage, *, by: User | AnonymousUser) -> Revision:
    """The newest draft as a revision without a time to wait for."""
    draft: VideoPage = page.get_latest_revision_as_object()
    latest = page.get_latest_revision()
    is_current = page.live or kept_text(draft) == text_of(page.video)
    if latest and draft.go_live_at is None and is_current:
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
        return redirect(video_url(page.video))
    return told_public(request, page)


def told_public(request: HttpRequest, page: VideoPage) -> HttpResponse:
    """Back on the video's page, with the page live."""
    page.refresh_from_db()
    text = _("“%(title)s” is live.") % {"title": page.title}
    link = format_html('<a href="{}">{}</a>', page.full_url, _("View live"))
    messages.success(request, format_html("{} {} {}", text, reach_of(page).in_words, link))
    return redirect(video_url(page.video))
