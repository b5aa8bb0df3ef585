"""Forms of users, which protect addresses and administrators."""

from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordMixin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django_q.tasks import async_task
from wagtail.admin.forms.account import NameEmailForm as WagtailNameEmailForm
from wagtail.admin.forms.auth import LoginForm as WagtailLoginForm
from wagtail.admin.forms.auth import PasswordChangeForm as WagtailPasswordChangeForm
from wagtail.admin.forms.auth import PasswordResetForm as WagtailPasswordResetForm
from wagtail.users import forms as wagtail_forms

from studio.people import first_run, throttle
from studio.people.access import grantable_groups, may_change_address, may_set_password
from studio.people.addresses import email_key
from studio.people.models import Invitation, User
from studio.people.network import address_of, network_of
from studio.people.roles import MAY, Role, label_of
from studio.people.sign_in import LOCKED_FOR

MINUTES = int(LOCKED_FOR.total_seconds() // 60)


class TooManyTries(ValidationError):
    """Too many wrong passwords: no more are checked for a while."""

    def __init__(self) -> None:
        text = _(
            "Too many wrong passwords. Try again in %(minutes)d minutes, or set a new password "
            "by e-mail."
        )
        super().__init__(text, "too_many_tries", {"minutes": MINUTES})


class LoginForm(WagtailLoginForm):
    """The sign-in form, which says when the account is locked."""

    @property
    def locked(self) -> bool:
        """Whether the account is locked for now."""
        return bool(getattr(self.request, "axes_locked_out", False))

    def get_invalid_login_error(self) -> ValidationError:
        error: ValidationError = super().get_invalid_login_error()
        return TooManyTries() if self.locked else error


class PasswordResetForm(WagtailPasswordResetForm):
    """Requests a reset link by mail; known and unknown addresses are treated alike."""

    def save(self, *, request: Any, **options: Any) -> None:
        address = self.cleaned_data["email"]
        network = network_of(address_of(request))
        if throttle.allow_request(throttle.RESET_FROM_NETWORK, network) and throttle.allow_request(
            throttle.RESET_OF_ACCOUNT, email_key(address)
        ):
            async_task("studio.people.resetting.send_reset", address)


class NameEmailForm(WagtailNameEmailForm):
    """The user's own name; the address is read-only."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        make_read_only(self.fields["email"])


class PasswordChangeForm(WagtailPasswordChangeForm):
    """Changes one's own password; wrong old passwords are rate-limited."""

    def clean_old_password(self) -> str:
        if not throttle.allow_request(throttle.OLD_PASSWORD, self.user.pk):
            raise TooManyTries
        old: str = super().clean_old_password()
        throttle.reset(throttle.OLD_PASSWORD, self.user.pk)
        return old


class NewUserForm(SetPasswordMixin, forms.ModelForm):
    """Name and password of a new user."""

    password1, password2 = SetPasswordMixin.create_password_fields(
        label1=_("Password"), label2=_("Password, once more")
    )

    class Meta:
        model = User
        fields = ["email", "first_name", "last_name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fills = {"email": "username", "first_name": "given-name", "last_name": "family-name"}
        for name, token in fills.items():
            self.fields[name].required = True
            self.fields[name].help_text = ""
            self.fields[name].widget.attrs["autocomplete"] = token
        self.fields["password2"].help_text = ""

    def clean(self) -> dict[str, Any]:
        self.validate_passwords()
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        self.validate_password_for_user(self.instance, "password1")

    def new_user(self) -> User:
        """Return the unsaved user with the password."""
        user: User = self.instance
        user.set_password(self.cleaned_data["password1"])
        return user


class FirstAdministratorForm(NewUserForm):
    """Creates the first administrator with the printed token."""

    token = forms.CharField(
        label=_("Token"),
        max_length=200,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
        help_text=_("The studio printed it to the server's terminal or log when it started."),
    )

    field_order = ["token", "first_name", "last_name", "email"]

    def clean_token(self) -> str:
        token: str = self.cleaned_data["token"]
        if not first_run.is_good(token):
            raise first_run.WrongToken
        return token


class InvitedForm(NewUserForm):
    """Name and password of an invited user, whose address is fixed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].disabled = True


class GroupsField(forms.ModelMultipleChoiceField):
    """Checkboxes of groups; role groups have a description."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, group: Any) -> str:
        if group.name not in Role.values:
            return str(group)
        role = Role(group.name)
        return format_html("<span><strong>{}</strong>: {}</span>", role.label, MAY[role])


class InvitationForm(forms.ModelForm):
    """Whom to invite and with which roles. `by` is the inviting user."""

    groups = GroupsField(queryset=Group.objects.none(), required=False, label=_("Roles"))

    class Meta:
        model = Invitation
        fields = ["email", "groups", "is_superuser"]

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups: Any = self.fields["groups"]
        groups.queryset = grantable_groups(by).order_by("name")
        if not by.is_superuser:
            del self.fields["is_superuser"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not (cleaned.get("groups") or cleaned.get("is_superuser")) and "groups" in cleaned:
            self.add_error("groups", _("Choose at least one role: nobody can sign in without."))
        return cleaned


def make_read_only(field: forms.Field) -> None:
    """Disable the address field."""
    field.disabled = True
    field.help_text = _(
        "The address identifies the user. Administrators can change it under Users."
    )


class PermittedUserForm(wagtail_forms.UserForm):
    """Limits a user form to what the user `by` may do."""

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        self.by = by
        self.may_set_password = may_set_password(by, kwargs.get("instance") or User())
        super().__init__(*args, **kwargs)
        self.fields["groups"] = GroupsField(
            grantable_groups(by).order_by("name"), required=False, label=_("Roles")
        )
        if not by.is_superuser and "is_superuser" in self.fields:
            self.fields["is_superuser"].disabled = True

    @property
    def password_enabled(self) -> bool:
        return self.may_set_password and bool(super().password_enabled)

    def clean_groups(self) -> list[Group]:
        """Return the chosen groups plus those that `by` may not change."""
        chosen = set(self.cleaned_data["groups"])
        if self.instance.pk:
            chosen |= set(self.instance.groups.exclude(pk__in=grantable_groups(self.by)))
        return sorted(chosen, key=lambda group: group.name)


class UserCreationForm(PermittedUserForm, wagtail_forms.UserCreationForm):
    """Creates a user."""


class UserEditForm(PermittedUserForm, wagtail_forms.UserEditForm):
    """Edits a user."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_change_address(self.by):
            make_read_only(self.fields["email"])


class GroupField(forms.ModelChoiceField):
    """A list of groups with the labels of roles."""

    def label_from_instance(self, group: Any) -> str:
        return label_of(group.name)


class RoleForm(forms.Form):
    """The role to assign to several users."""

    role = GroupField(queryset=Group.objects.none(), label=_("Role"))

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role: Any = self.fields["role"]
        role.queryset = grantable_groups(by)
