"""Wagtail's forms of users, made to keep what an address and an administrator are."""

from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_q.tasks import async_task
from wagtail.admin.forms.account import NameEmailForm as WagtailNameEmailForm
from wagtail.admin.forms.auth import LoginForm as WagtailLoginForm
from wagtail.admin.forms.auth import PasswordChangeForm as WagtailPasswordChangeForm
from wagtail.admin.forms.auth import PasswordResetForm as WagtailPasswordResetForm
from wagtail.users import forms as wagtail_forms

from studio.people import throttle
from studio.people.addresses import email_key
from studio.people.models import User
from studio.people.network import address_of, network_of
from studio.people.powers import grantable_groups, may_change_address, may_set_password
from studio.people.sign_in import LOCKED_FOR

MINUTES = int(LOCKED_FOR.total_seconds() // 60)


class TooManyTries(ValidationError):
    """So many wrong passwords that no more are looked at for a while."""

    def __init__(self) -> None:
        text = _(
            "Too many wrong passwords. Try again in %(minutes)d minutes, or set a new password "
            "by e-mail."
        )
        super().__init__(text, "too_many_tries", {"minutes": MINUTES})


class LoginForm(WagtailLoginForm):
    """Signing in; says when it is locked."""

    @property
    def locked(self) -> bool:
        """Whether passwords are not looked at for now."""
        return bool(getattr(self.request, "axes_locked_out", False))

    def get_invalid_login_error(self) -> ValidationError:
        error: ValidationError = super().get_invalid_login_error()
        return TooManyTries() if self.locked else error


class PasswordResetForm(WagtailPasswordResetForm):
    """Asks for a link by mail. Known and unknown addresses are treated alike."""

    def save(self, *, request: Any, **options: Any) -> None:
        address = self.cleaned_data["email"]
        network = network_of(address_of(request))
        if throttle.knock(throttle.RESET_FROM_NETWORK, network) and throttle.knock(
            throttle.RESET_OF_ACCOUNT, email_key(address)
        ):
            async_task("studio.people.resetting.send_reset", address)


class NameEmailForm(WagtailNameEmailForm):
    """One's own name; the address is there to be read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keep_as_it_is(self.fields["email"])


class PasswordChangeForm(WagtailPasswordChangeForm):
    """A new password for who knows the old one, which is not guessed for long."""

    def clean_old_password(self) -> str:
        if not throttle.knock(throttle.OLD_PASSWORD, self.user.pk):
            raise TooManyTries
        old: str = super().clean_old_password()
        throttle.forget(throttle.OLD_PASSWORD, self.user.pk)
        return old


def keep_as_it_is(field: forms.Field) -> None:
    """Shows an address that may not be changed here."""
    field.disabled = True
    field.help_text = _("An address is an identity: administrators change it, under Users.")


class Bounded(wagtail_forms.UserForm):
    """What every form of users keeps to, given who fills it in."""

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        self.by = by
        self.may_set_password = may_set_password(by, kwargs.get("instance") or User())
        super().__init__(*args, **kwargs)
        groups: Any = self.fields["groups"]
        groups.queryset = grantable_groups(by)
        if not by.is_superuser and "is_superuser" in self.fields:
            self.fields["is_superuser"].disabled = True

    @property
    def password_enabled(self) -> bool:
        return self.may_set_password and bool(super().password_enabled)

    def clean_groups(self) -> list[Group]:
        """The groups chosen, and those which who edits has no say in."""
        chosen = set(self.cleaned_data["groups"])
        if self.instance.pk:
            chosen |= set(self.instance.groups.exclude(pk__in=grantable_groups(self.by)))
        return sorted(chosen, key=lambda group: group.name)


class UserCreationForm(Bounded, wagtail_forms.UserCreationForm):
    """A new user."""


class UserEditForm(Bounded, wagtail_forms.UserEditForm):
    """A user, put right."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_change_address(self.by):
            keep_as_it_is(self.fields["email"])


class RoleForm(forms.Form):
    """The role to give to many at once."""

    role = forms.ModelChoiceField(queryset=Group.objects.none())

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role: Any = self.fields["role"]
        role.queryset = grantable_groups(by)
