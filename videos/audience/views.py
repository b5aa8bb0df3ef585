"""What visitors meet: share links, and the question whether to remember their browser."""

from collections.abc import Iterable
from enum import StrEnum
from urllib.parse import urldefrag
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from videos.audience import cookies
from videos.audience.browser import is_same_origin, is_signed_in, is_staff
from videos.audience.models import ShareLink
from videos.audience.playing import attach
from videos.audience.public import public_page

MOST_VIEWS = 20  # that a yes attaches


class Consent(StrEnum):
    """What is said beside the player, and so what the visitor's browser is."""

    SIGNED_IN = "signed-in"  # as staff
    STUDIO = "studio"  # somebody of the studio signed in here once
    UNASKED = "unasked"
    REMEMBERED = "remembered"
    DECLINED = "declined"


@require_safe
@never_cache
def open_share_link(request: HttpRequest, token: str) -> HttpResponse:
    """On to the video's page, with the session's cookie that names the link.

    Opening a link leaves no row behind: mail scanners open links, too. Only watching does.
    """
    links = ShareLink.objects.select_related("video", "rep")
    link = links.filter(token=token).first() if token.isprintable() else None
    page = public_page(link.video) if link else None
    if link is None or page is None:
        return render(request, "audience/no_video.html", {"link": link}, status=404)
    response = redirect(page.get_url(request))
    response["X-Robots-Tag"] = "noindex"
    if not cookies.said_no(request):
        cookies.carry_link(request, response, token)
    return response


@require_safe
@never_cache
def state(request: HttpRequest) -> HttpResponse:
    """What the page says beside the player: `{"state": …}`, one of Consent.

    From cookies; the database is asked only where there is a session's.
    """
    told = consent_of(request)
    response = JsonResponse({"state": told})
    if told == Consent.SIGNED_IN and not cookies.is_staff_browser(request):
        cookies.mark_staff_browser(response)
    return response


def consent_of(request: HttpRequest) -> Consent:
    """What the visitor's browser is. Staff are not asked."""
    if is_signed_in(request):
        return Consent.SIGNED_IN
    if cookies.is_staff_browser(request):
        return Consent.STUDIO
    if cookies.said_no(request):
        return Consent.DECLINED
    return Consent.REMEMBERED if cookies.viewer_id(request) else Consent.UNASKED


@csrf_exempt  # an anonymous page has no session to ride on; is_same_origin stands in its place
@require_POST
@never_cache
def decide(request: HttpRequest) -> HttpResponse:
    """The visitor's answer: `remember=yes` or `remember=no`.

    A yes attaches the new viewer to `views`, those begun in this tab, each as `id.key`. The
    answer is the new state for a script that accepts JSON, else the way back to where the visitor
    was.
    """
    if not is_same_origin(request):
        return render(request, "audience/not_from_here.html", status=403)
    yes = request.POST.get("remember") == "yes"
    told = Consent.REMEMBERED if yes else Consent.DECLINED
    if is_staff(request):
        told = consent_of(request)
    response = answer(request, told)
    if not yes:
        cookies.forget(response)
    elif not is_staff(request):
        viewer = cookies.remember(request, response)
        if keys := keys_of(request.POST.getlist("views")):
            attach(viewer, keys, now())
    return response


def answer(request: HttpRequest, told: Consent) -> HttpResponse:
    """The new state in the form that the browser asks for."""
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"state": told})
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    # The fragment shows the word of thanks in a page that is the same for everybody.
    return redirect(f"{urldefrag(back).url}#audience-{told}")


def keys_of(sent: Iterable[str]) -> dict[str, str]:
    """The keys of views by their ids, from what a browser sent; of the latest MOST_VIEWS."""
    keys = {}
    for text in sent:
        view, _, key = text.partition(".")
        try:
            keys[str(UUID(view))] = key
        except ValueError:
            continue
    return dict(list(keys.items())[-MOST_VIEWS:])
