"""Public endpoints of the audience: share links, consent and reports of playback problems."""

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

from studio.people.network import address_of
from videos.audience.models import ShareLink
from videos.audience.public import public_page
from videos.audience.tracking import cookies, playback_problems, rate_limits
from videos.audience.tracking.api import too_many_requests
from videos.audience.tracking.bots import is_bot
from videos.audience.tracking.browser import is_loopback, is_same_origin, is_signed_in, is_staff
from videos.audience.tracking.recording import attach_viewer

MAX_VIEWS = 20  # views that a yes attaches to the viewer


class ConsentState(StrEnum):
    """The state of a visitor's browser, which decides the notice beside the player."""

    SIGNED_IN = "signed-in"  # a member of staff is signed in
    STUDIO = "studio"  # staff signed in with this browser before
    UNASKED = "unasked"
    REMEMBERED = "remembered"
    DECLINED = "declined"


@require_safe
@never_cache
def open_share_link(request: HttpRequest, token: str) -> HttpResponse:
    """Redirect to the video's page and set the session cookie that names the link.

    Opening a link writes no row, because mail scanners open links, too. Only watching does.
    """
    links = ShareLink.objects.select_related("video", "rep")
    link = links.filter(token=token).first() if token.isprintable() else None
    page = public_page(link.video) if link else None
    if link is None or page is None:
        return render(request, "audience/no_video.html", {"link": link}, status=404)
    response = redirect(page.get_url(request))
    response["X-Robots-Tag"] = "noindex"
    if not cookies.said_no(request):
        cookies.remember_link(request, response, token)
    return response


@require_safe
@never_cache
def consent(request: HttpRequest) -> HttpResponse:
    """Return the browser's state as `{"state": …}`, a value of ConsentState.

    It is read from cookies; the database is queried only when there is a session cookie.
    """
    consent_now = consent_state(request)
    response = JsonResponse({"state": consent_now})
    if consent_now == ConsentState.SIGNED_IN and not cookies.is_staff_browser(request):
        cookies.mark_staff_browser(response)
    return response


def consent_state(request: HttpRequest) -> ConsentState:
    """The state of the visitor's browser. Staff are not asked for consent."""
    if is_signed_in(request):
        return ConsentState.SIGNED_IN
    if cookies.is_staff_browser(request):
        return ConsentState.STUDIO
    if cookies.said_no(request):
        return ConsentState.DECLINED
    return ConsentState.REMEMBERED if cookies.viewer_id(request) else ConsentState.UNASKED


@csrf_exempt  # public pages have no CSRF token; is_same_origin replaces it
@require_POST
@never_cache
def set_consent(request: HttpRequest) -> HttpResponse:
    """Save the visitor's answer: `remember=yes` or `remember=no`.

    A yes attaches the viewer to `views`, those started in this tab, each as `id.key`. Returns the
    new state as JSON if the client accepts that, else a redirect back to the page.
    """
    if not is_same_origin(request):
        return render(request, "audience/not_from_here.html", status=403)
    yes = request.POST.get("remember") == "yes"
    consent_now = ConsentState.REMEMBERED if yes else ConsentState.DECLINED
    if is_staff(request):
        consent_now = consent_state(request)
    response = consent_response(request, consent_now)
    if not yes:
        cookies.forget_viewer(response)
    elif not is_staff(request):
        viewer = cookies.remember_viewer(request, response)
        if keys := view_keys(request.POST.getlist("views")):
            attach_viewer(viewer, keys, now())
    return response


@csrf_exempt  # as `set_consent`
@require_POST
@never_cache
def report_problem(request: HttpRequest) -> HttpResponse:
    """Save a viewer's report that `video` does not play at `at` seconds.

    `stopped` says that the player itself gave up. Returns 204 if the client accepts JSON, else a
    redirect back to the page.
    """
    if not is_same_origin(request):
        return render(request, "audience/not_from_here.html", status=403)
    moment = now()
    report = playback_problems.parse_problem_report(
        request.POST, request.headers.get("User-Agent", "")
    )
    by_script = "application/json" in request.headers.get("Accept", "")
    try:
        rate_limits.hit(
            rate_limits.PROBLEMS_BY_NETWORK,
            rate_limits.network_key(address_of(request), moment),
            moment,
        )
    except rate_limits.RateLimitExceeded as too_many:
        if by_script:
            return too_many_requests(too_many)
    else:
        if not is_bot(report.user_agent, on_loopback=is_loopback()):
            playback_problems.report_problem(report, moment)
    if by_script:
        return HttpResponse(status=204)
    return redirect(f"{return_url(request)}#problem-reported")


def consent_response(request: HttpRequest, consent_now: ConsentState) -> HttpResponse:
    """The new state as JSON, or a redirect for a form that was sent without JavaScript."""
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"state": consent_now})
    # The page is the same for everybody, so the fragment selects the confirmation to show.
    return redirect(f"{return_url(request)}#audience-{consent_now}")


def return_url(request: HttpRequest) -> str:
    """The local URL that the form was sent from, without its fragment."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    return urldefrag(back).url


def view_keys(sent: Iterable[str]) -> dict[str, str]:
    """The keys of the latest MAX_VIEWS views by view id; malformed ones are ignored."""
    keys = {}
    for text in sent:
        view, _, key = text.partition(".")
        try:
            keys[str(UUID(view))] = key
        except ValueError:
            continue
    return dict(list(keys.items())[-MAX_VIEWS:])
