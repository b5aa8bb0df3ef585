"""Wagtail's views with limits of the studio: sign-in, account, history, page passwords."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import UserPassesTestMixin
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
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
from studio.people.admin.forms import NameEmailForm, PasswordChangeForm
from studio.people.first_run import is_without_users
from studio.people.network import address_of, network_of
from studio.people.resetting import reset_tokens
from studio.people.sign_in import remember_browser

WITH_PASSWORD = CollectionViewRestriction.PASSWORD


class LoginView(account.LoginView):
    """Signs in and remembers the browser; redirects to the first run if there are no users."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if is_without_users():
            return redirect("people_first_run")
        return super().get(request, *args, **kwargs)  # type: ignore[no-any-return]

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        remember_browser(self.request, response, form.get_user())
        return response


class PasswordResetConfirmView(account.PasswordResetConfirmView):
    """Sets a new password by a mailed link, and signs in, as the link proves the identity."""

    token_generator = reset_tokens
    post_reset_login = True
    post_reset_login_backend = "django.contrib.auth.backends.ModelBackend"
    success_url = reverse_lazy("wagtailadmin_home")

    def get_user(self, uidb64: str) -> Any:
        """Return the link's user, or None if deactivated."""
        user = super().get_user(uidb64)
        return user if user and user.is_active else None

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        remember_browser(self.request, response, form.user)
        messages.success(self.request, _("Your new password is set."))
        return response


class OwnNamePanel(account.NameEmailSettingsPanel):
    """The user's name; the address is read-only."""

    form_class = NameEmailForm


class OwnPasswordPanel(account.ChangePasswordPanel):
    """The user's password; wrong old passwords are rate-limited."""

    form_class = PasswordChangeForm


OWN_PANELS: dict[type, Any] = {
    account.NameEmailSettingsPanel: OwnNamePanel,
    account.ChangePasswordPanel: OwnPasswordPanel,
}


def own_panel(panel: Any) -> Any:
    """Return the studio's panel for one of Wagtail's."""
    kind = OWN_PANELS.get(type(panel))
    return kind(panel.request, panel.user, panel.profile) if kind else panel


class AccountView(account.AccountView):
    """The user's own account."""

    def get_panels(self) -> list[Any]:
        return [own_panel(panel) for panel in super().get_panels()]


class SiteHistory(UserPassesTestMixin, LogEntriesView):
    """Wagtail's site history, for superusers only.

    Wagtail shows all entries of a model to everybody with any permission on it, which would show
    sales reps each other's deals and share links.
    """

    def test_func(self) -> bool:
        return bool(self.request.user.is_superuser)


@never_cache
def page_password(request: HttpRequest, page_view_restriction_id: int, page_id: int) -> Any:
    """Wagtail's password form of a protected page, with a rate limit."""
    page = get_object_or_404(Page.objects.live(), pk=page_id)  # reveals its title
    with_password = page.get_view_restrictions().filter(restriction_type=WITH_PASSWORD)
    restriction = get_object_or_404(with_password, pk=page_view_restriction_id)
    view = partial(wagtail_views.authenticate_with_password, request, restriction.pk, page_id)
    return rate_limited(request, throttle.PAGE_PASSWORD, restriction.pk, view)


@never_cache
def collection_password(request: HttpRequest, restriction_id: int) -> Any:
    """Wagtail's password form of a collection, with a rate limit."""
    with_password = CollectionViewRestriction.objects.filter(restriction_type=WITH_PASSWORD)
    get_object_or_404(with_password, pk=restriction_id)  # other methods are not counted
    view = partial(wagtail_documents.authenticate_with_password, request, restriction_id)
    return rate_limited(request, throttle.COLLECTION_PASSWORD, restriction_id, view)


def rate_limited(
    request: HttpRequest, limit: throttle.RateLimit, restriction_id: int, view: Callable[[], Any]
) -> Any:
    """Return the response of `view`, unless this network sent too many wrong passwords."""
    subject = (network_of(address_of(request)), restriction_id)
    if request.method == "POST" and not throttle.allow_request(limit, *subject):
        response = render(request, "people/too_many_passwords.html", status=429)
        response["Retry-After"] = str(int(limit.window.total_seconds()))
        return response
    response = view()
    if request.method == "POST" and response.status_code == 302:
        throttle.reset(limit, *subject)
    return response


login = never_cache(LoginView.as_view())
login_elsewhere = RedirectView.as_view(pattern_name="wagtailadmin_login", query_string=True)
confirm_reset = never_cache(PasswordResetConfirmView.as_view())
own_account = never_cache(require_admin_access(AccountView.as_view()))
site_history = require_admin_access(SiteHistory.as_view())
site_history_results = require_admin_access(SiteHistory.as_view(results_only=True))
