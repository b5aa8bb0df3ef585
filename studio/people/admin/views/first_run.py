"""The page that creates the first administrator of a studio without users."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from studio.people import first_run as acts
from studio.people import throttle
from studio.people.admin.forms import FirstAdministratorForm
from studio.people.network import address_of, network_of
from studio.people.sign_in import remember_browser

BACKEND = "django.contrib.auth.backends.ModelBackend"
TOO_MANY = gettext_lazy("Too many attempts from your network. Try again in 15 minutes.")


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class FirstRunView(FormView):
    """Creates the first administrator and signs them in; redirects if there are users."""

    template_name = "people/first_run.html"
    form_class = FirstAdministratorForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not acts.is_without_users():
            return self.leave_to_sign_in()
        return super().dispatch(request, *args, **kwargs)

    def leave_to_sign_in(self) -> HttpResponse:
        """Redirect to the sign-in, which does not reveal users."""
        return redirect("wagtailadmin_login")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not throttle.allow_request(throttle.FIRST_RUN, network_of(address_of(request))):
            context = self.get_context_data(form=FirstAdministratorForm(), refusal=TOO_MANY)
            response: HttpResponse = self.render_to_response(context, status=429)
            response["Retry-After"] = str(int(throttle.FIRST_RUN.window.total_seconds()))
            return response
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: FirstAdministratorForm) -> HttpResponse:
        try:
            user = acts.make_administrator(form.cleaned_data["token"], form.new_user())
        except acts.StudioHasUsers as refusal:
            messages.error(self.request, refusal.messages[0])
            return self.leave_to_sign_in()
        except ValidationError as refusal:
            form.add_error("token", refusal)
            return self.form_invalid(form)
        return signed_in(
            self.request, user, _("You are the first administrator. These are the first steps.")
        )


def signed_in(request: HttpRequest, user: Any, words: str) -> HttpResponse:
    """Sign in a new user, remember the browser, and redirect home with a message."""
    login(request, user, backend=BACKEND)
    messages.success(request, words)
    response = redirect("wagtailadmin_home")
    remember_browser(request, response, user)
    return response


first_run = FirstRunView.as_view()
