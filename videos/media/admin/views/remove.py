"""The confirmation page for removing a cut."""

from typing import Any, cast

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.admin.views.generic import DeleteView

from studio.people.models import User
from videos.media.access import may_remove_cut
from videos.media.admin.views.job_queue import TABS, queue_url
from videos.media.models import Cut
from videos.media.uploads.removal import remove, why_it_stays
from videos.planning.urls_for import video_url


class RemoveCutView(DeleteView):
    """Asks for confirmation, and removes a cut by POST. Safe to submit twice.

    Redirects to the video, or to the `tab` of the queue that the user came from.
    """

    model = Cut
    template_name = "media/cut_remove.html"
    delete_url_name = "media_remove"
    permission_required = None  # asked for this cut, in `dispatch`
    header_icon = "bin"
    page_title = gettext_lazy("Remove")

    def get_object(self, queryset: Any = None) -> Cut:
        """The cut; also one that is removed already."""
        cuts = Cut.everything.select_related("video", "uploaded_by")
        return get_object_or_404(cuts, pk=self.kwargs["pk"])

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_remove_cut(request.user, self.object):
            raise PermissionDenied
        if self.object.removed_at:
            messages.info(request, _("%(cut)s was removed.") % {"cut": self.object.title})
            return redirect(self.get_success_url())
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if reason := why_it_stays(self.object):
            return self.refused(reason)
        response: HttpResponseBase = super().get(request, *args, **kwargs)
        return response

    def get_page_subtitle(self) -> str:
        """The title of the video. The name of the file, which may be long, is shown below."""
        return str(self.object.video.title)

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            remove(self.object, by=cast(User, self.request.user))
        except ValidationError as refusal:
            return self.refused(refusal.messages[0])
        text = _("%(cut)s was removed.") % {"cut": self.object.title}
        messages.success(self.request, text)
        return redirect(self.get_success_url())

    def refused(self, reason: str) -> HttpResponse:
        """Back, with what is in the way."""
        messages.warning(self.request, reason)
        return redirect(self.get_success_url())

    def get_success_url(self) -> str:
        if self.tab in TABS:
            return queue_url(self.tab)
        return f"{video_url(self.object.video)}#cuts"

    @property
    def tab(self) -> str:
        """The tab of the queue that one came from, if any."""
        asked = self.request.POST if self.request.method == "POST" else self.request.GET
        return str(asked.get("tab", ""))
