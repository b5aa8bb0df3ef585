"""Views whose form must not act twice, however often it is submitted."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic.edit import FormMixin
from wagtail.admin.views.generic import CreateView

from studio.once import keys
from studio.once.models import SentForm
from studio.ui.acts import ActView

STALE = gettext_lazy(
    "This form is more than a day old, or was not shown to you. Nothing was done: send it again."
)


class Once:
    """Lets a form act only once. Its template has `{% once_key %}` beside the CSRF token.

    The key is stored in the transaction of the act: a second submission, even at the same instant,
    waits for the first and is redirected to its result. When the view refuses (a response that is
    no redirect, or `is_refused`), nothing is stored, so that the form can be corrected and sent
    again.
    """

    is_refused = False  # set by views that redirect after a refusal

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)  # type: ignore[misc]
        # Wraps the view's own `post`, and so runs after the checks in its `dispatch`
        self.act_of_view, self.post = self.post, self.post_with_key  # type: ignore[has-type]

    def post_with_key(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Respond to a submitted form."""
        key = keys.read(request.POST.get(keys.FIELD, ""), request.user.pk or 0)
        if key is None:
            return self.stale(request)
        return self.act_once(key, request, *args, **kwargs)

    def stale(self, request: HttpRequest) -> HttpResponse:
        """Respond to a form without a valid key by showing it again as filled in."""
        if isinstance(self, FormMixin):
            self.object: Any = getattr(self, "object", None)
            form = self.get_form()
            form.is_valid()
            form.add_error(None, STALE)
            if isinstance(self, CreateView):
                self.is_valid(form)  # finds the message that Wagtail's response begins with
            return self.form_invalid(form)
        messages.error(request, STALE)
        return HttpResponseRedirect(self.form_url(request))

    def form_url(self, request: HttpRequest) -> str:
        """The URL of the form."""
        return request.get_full_path()

    def act_once(self, key: str, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Respond to the first submission, or redirect a later one to its result."""
        who = {"by": request.user, "path": request.path[:500]}
        with transaction.atomic():
            sent, is_first = SentForm.objects.get_or_create(key=key, defaults=who)
            if is_first:
                answer: HttpResponse = self.act_of_view(request, *args, **kwargs)
                if self.is_refused or not isinstance(answer, HttpResponseRedirect):
                    transaction.set_rollback(True)
                else:
                    sent.result = answer.url[:2000]
                    sent.save(update_fields=["result"])
                return answer
        if sent.by_id != request.user.pk or sent.path != request.path[:500]:
            raise PermissionDenied
        messages.info(
            request, _("This form was sent before and took effect once. Here is the result.")
        )
        return HttpResponseRedirect(sent.result)


class ActOnceView(Once, ActView):  # type: ignore[misc] # `Once` puts itself around `post`
    """One act, by POST, done once however often its form is submitted."""

    def form_url(self, request: HttpRequest) -> str:
        return self.back()
