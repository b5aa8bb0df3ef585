"""What visitors meet: share links, and the question whether to remember their browser."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from videos.audience import cookies
from videos.audience.browser import is_same_origin, is_staff
from videos.audience.models import ShareLink
from videos.audience.public import public_page


@require_safe
@never_cache
def open_share_link(request: HttpRequest, token: str) -> HttpResponse:
    """On to the video's page, with the cookies that a share link asks for.

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
        if not is_staff(request):
            cookies.remember(request, response)
    return response


@csrf_exempt  # an anonymous page has no session to ride on; is_same_origin stands in its place
@require_POST
@never_cache
def decide(request: HttpRequest) -> HttpResponse:
    """The visitor's answer: `remember=yes` or `remember=no`, then back to where they were."""
    if not is_same_origin(request):
        return render(request, "audience/not_from_here.html", status=403)
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    response = redirect(back)
    if request.POST.get("remember") != "yes":
        cookies.forget(response)
    elif not is_staff(request):
        cookies.remember(request, response)
    return response
