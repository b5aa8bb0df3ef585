"""Wagtail's own pages of people that the studio bounds: signing in, one's account, the history."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import RedirectView
from wagtail import views as wagtail_views
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views import account
from wagtail.admin.views.reports.audit_logging import LogEntriesView
from wagtail.documents.views import serve as wagtail_documents
from wagtail.models import CollectionViewRestriction, Page

from studio.people import throttle
from studio.people.forms import NameEmailForm, PasswordChangeForm
from studio.people.network import address_of, network_of
from studio.people.resetting import reset_tokens
from studio.people.sign_in import remember_browser

WITH_PASSWORD = CollectionViewRestriction.PASSWORD


class LoginView(account.LoginView):
    """Signing in; the browser is known from then on."""

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        remember_browser(self.request, response, form.get_user())
        return response


class PasswordResetConfirmView(account.PasswordResetConfirmView):
    """A new password by a link from a mail, which also signs in: it proves who one is."""

    token_generator = reset_tokens
    post_reset_login = True
    post_reset_login_backend = "django.contrib.auth.backends.ModelBackend"
    success_url = reverse_lazy("wagtailadmin_home")

    def get_user(self, uidb64: str) -> Any:
        """The user of the link; nobody who was deactivated."""
        user = super().get_user(uidb64)
        return user if user and user.is_active else None

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        remember_browser(self.request, response, form.user)
        messages.success(self.request, _("Your new password holds from now on."))
        return response


class OwnNamePanel(account.NameEmailSettingsPanel):
    """The address is shown, and stays."""

    form_class = NameEmailForm


class OwnPasswordPanel(account.ChangePasswordPanel):
    """The old password is not guessed for long."""

    form_class = PasswordChangeForm


OWN_PANELS: dict[type, Any] = {
    account.NameEmailSettingsPanel: OwnNamePanel,
    account.ChangePasswordPanel: OwnPasswordPanel,
}


def ours(panel: Any) -> Any:
    """The studio's panel in place of one of Wagtail's."""
    kind = OWN_PANELS.get(type(panel))
    return kind(panel.request, panel.user, panel.profile) if kind else panel


class AccountView(account.AccountView):
    """One's own account."""

    def get_panels(self) -> list[Any]:
        return [ours(panel) for panel in super().get_panels()]


class SiteHistory(LogEntriesView):
    """What everybody did, for superusers alone.

    Wagtail shows all entries of a model to whoever has any permission on it, and so would show
    reps each other's deals and share links.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_superuser:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)  # type: ignore[no-any-return]


@never_cache
def page_password(request: HttpRequest, page_view_restriction_id: int, page_id: int) -> Any:
    """Wagtail's form for the password of a page, of one that the password protects."""
    page = get_object_or_404(Page.objects.live(), pk=page_id)  # its title is told
    with_password = page.get_view_restrictions().filter(restriction_type=WITH_PASSWORD)
    restriction = get_object_or_404(with_password, pk=page_view_restriction_id)
    ask = partial(wagtail_views.authenticate_with_password, request, restriction.pk, page_id)
    return not_guessed(request, throttle.PAGE_PASSWORD, restriction.pk, ask)


@never_cache
def collection_password(request: HttpRequest, restriction_id: int) -> Any:
    """Wagtail's form for the password of a collection of documents."""
    with_password = CollectionViewRestriction.objects.filter(restriction_type=WITH_PASSWORD)
    get_object_or_404(with_password, pk=restriction_id)  # nothing is counted for others
    ask = partial(wagtail_documents.authenticate_with_password, request, restriction_id)
    return not_guessed(request, throttle.COLLECTION_PASSWORD, restriction_id, ask)


def not_guessed(
    request: HttpRequest, door: throttle.Door, restriction_id: int, ask: Callable[[], Any]
) -> Any:
    """What `ask` answers, unless too many wrong passwords came from this network before."""
    subject = (network_of(address_of(request)), restriction_id)
    if request.method == "POST" and not throttle.knock(door, *subject):
        response = render(request, "people/too_many_passwords.html", status=429)
        response["Retry-After"] = str(int(door.window.total_seconds()))
        return response
    response = ask()
    if request.method == "POST" and response.status_code == 302:
        throttle.forget(door, *subject)
    return response


login = never_cache(LoginView.as_view())
login_elsewhere = RedirectView.as_view(pattern_name="wagtailadmin_login", query_string=True)
confirm_reset = never_cache(PasswordResetConfirmView.as_view())
own_account = never_cache(require_admin_access(AccountView.as_view()))
site_history = require_admin_access(SiteHistory.as_view())
site_history_results = require_admin_access(SiteHistory.as_view(results_only=True))
