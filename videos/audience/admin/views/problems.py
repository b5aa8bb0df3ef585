"""Resolves playback problems that viewers reported."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from wagtail.admin import messages
from wagtail.log_actions import log

from videos.audience.access import may_resolve
from videos.audience.models import PlaybackProblem
from videos.audience.tracking.playback_problems import resolve
from videos.planning.access import signed_in
from videos.planning.urls_for import video_url


@require_POST
def resolve_problem(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a playback problem as resolved."""
    user = signed_in(request)
    if not may_resolve(user):
        raise PermissionDenied
    problem = get_object_or_404(PlaybackProblem.objects.select_related("video"), pk=pk)
    if resolve(problem.pk, by=user):
        log(problem.video, "audience.problem.resolve", user=user)
        messages.success(
            request,
            _("The problem with “%(video)s” is marked as solved.") % {"video": problem.video},
        )
    else:
        messages.warning(request, _("Somebody has already marked it as solved."))
    return redirect(f"{video_url(problem.video)}#audience")
