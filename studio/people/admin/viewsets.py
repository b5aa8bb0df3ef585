"""Wagtail's user views, limited by `access.py`."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import ProtectedError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from wagtail.actions import DeleteAction
from wagtail.admin.widgets.button import HeaderButton
from wagtail.log_actions import log
from wagtail.users.views import bulk_actions, users

from studio.collation.listing import CollatedListing
from studio.people.access import may_edit, may_invite
from studio.people.access_log import SET_PASSWORD
from studio.people.admin.forms import RoleForm, UserCreationForm, UserEditForm
from studio.people.leaving import deactivate, held_by
from studio.people.models import User
from studio.protected import why_not_deleted
from studio.ui.optimistic_lock import OptimisticLockMixin


class UserListView(CollatedListing, users.IndexView):
    """Lists users; search ignores case and accents. The button invites instead of adding."""

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        invite = HeaderButton(
            _("Invite a colleague"), reverse("people_invitations:add"), icon_name="mail"
        )
        by = self.request.user
        invites = [invite] if isinstance(by, User) and may_invite(by) else []
        return [*invites, *super().header_buttons]


class UserCreateView(users.CreateView):
    """A new user."""

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "by": self.request.user}


class UserEditView(OptimisticLockMixin, users.EditView):
    """Edits a user; deactivation leads to the page that hands over their objects."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not (isinstance(request.user, User) and may_edit(request.user, self.object)):
            raise PermissionDenied
        self.was_active, self.address_was = self.object.is_active, self.object.email
        return super().dispatch(request, *args, **kwargs)  # type: ignore[no-any-return]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "by": self.request.user}

    def save_instance(self) -> User:
        user: User = super().save_instance()
        if user.email != self.address_was:
            data = {"was": self.address_was, "now": user.email}
            log(user, "people.address", user=self.request.user, data=data)
        if "password1" in self.form.changed_data and not self.editing_self:
            log(user, SET_PASSWORD, user=self.request.user)
        return user

    def run_after_hook(self) -> HttpResponse | None:
        if self.was_active and not self.object.is_active and self.request.user.is_superuser:
            return redirect("people_leaving", self.object.pk)
        response: HttpResponse | None = super().run_after_hook()
        return response


class UserDeleteView(users.DeleteView):
    """Deletes users without any objects; for others it explains how to deactivate them."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            with transaction.atomic():
                response: HttpResponse = super().post(request, *args, **kwargs)
        except ProtectedError as refusal:
            messages.error(
                request, why_not_deleted([str(row) for row in refusal.protected_objects])
            )
            return redirect(self.get_edit_url())
        return response

    def form_valid(self, form: Any) -> HttpResponse:
        """Delete the user; the database's refusal names what refers to them."""
        success_url = self.get_success_url()
        self.delete_action()
        messages.success(self.request, self.get_success_message())
        return self.run_after_hook() or redirect(success_url)

    def get_edit_url(self) -> str:
        return reverse("wagtailusers_users:edit", args=[self.object.pk])


class UserViewSet(users.UserViewSet):
    """Users in the admin."""

    copy_view_enabled = False  # nothing of a user can be copied
    index_view_class = UserListView
    add_view_class = UserCreateView
    edit_view_class = UserEditView
    delete_view_class = UserDeleteView

    def get_form_class(self, for_update: bool = False) -> type:
        return UserEditForm if for_update else UserCreationForm


class AssignRole(bulk_actions.AssignRoleBulkAction):
    """Assigns a role to several users: only roles that the user has."""

    form_class = RoleForm

    def check_perm(self, obj: User) -> bool:
        return bool(super().check_perm(obj)) and may_edit(self.request.user, obj)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "by": self.request.user}


class DeleteUsers(bulk_actions.DeleteBulkAction):
    """Deletes several users, logging each."""

    def get_execution_context(self) -> dict[str, Any]:
        return {**super().get_execution_context(), "user": self.request.user}

    @classmethod
    def execute_action(cls, objects: list[User], **kwargs: Any) -> tuple[int, int]:
        with transaction.atomic():
            for user in objects:
                DeleteAction(user, user=kwargs["user"]).execute(skip_permission_checks=True)
        return len(objects), 0


class SetActiveState(bulk_actions.SetActiveStateBulkAction):
    """Activates or deactivates several users, each like a single one."""

    def check_perm(self, obj: User) -> bool:
        return bool(super().check_perm(obj)) and may_edit(self.request.user, obj)

    @classmethod
    def execute_action(
        cls, objects: list[User], mark_as_active: bool = False, **kwargs: Any
    ) -> tuple[int, int]:
        by: User = kwargs["user"]
        others = [user for user in objects if user.pk != by.pk]
        with transaction.atomic():
            for user in others:
                if mark_as_active:
                    user.is_active = True
                    user.save()
                else:
                    deactivate(user, by=by)
        return len(others), 0

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        said: str = super().get_success_message(num_parent_objects, num_child_objects)
        leaving = not self.cleaned_form.cleaned_data["mark_as_active"]
        if leaving and any(held_by(user) for user in self.get_actionable_objects()[0]):
            said += " " + _("Administrators see on their home page what has to be handed over.")
        return said
