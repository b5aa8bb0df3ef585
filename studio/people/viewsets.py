"""Wagtail's pages of users, bounded by `powers.py`."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import ProtectedError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.users.views import bulk_actions, users

from studio.people.forms import RoleForm, UserCreationForm, UserEditForm
from studio.people.leaving import deactivate, held_by
from studio.people.models import User
from studio.people.powers import may_edit
from studio.protected import why_not_deleted


class UserCreateView(users.CreateView):
    """A new user."""

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "by": self.request.user}


class UserEditView(users.EditView):
    """A user, put right. Who was deactivated leaves things behind: the page of these follows."""

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
        if self.was_active and not user.is_active:
            log(user, "people.deactivate", user=self.request.user)
        return user

    def run_after_hook(self) -> HttpResponse | None:
        if self.was_active and not self.object.is_active and self.request.user.is_superuser:
            return redirect("people_leaving", self.object.pk)
        response: HttpResponse | None = super().run_after_hook()
        return response


class UserDeleteView(users.DeleteView):
    """Deletes who left no trace; of anyone else it says why not, where one deactivates them."""

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
        """Leaves the refusal to the database, which names what is in the way."""
        success_url = self.get_success_url()
        self.delete_action()
        messages.success(self.request, self.get_success_message())
        return self.run_after_hook() or redirect(success_url)

    def get_edit_url(self) -> str:
        return reverse("wagtailusers_users:edit", args=[self.object.pk])


class UserViewSet(users.UserViewSet):
    """Users in the admin."""

    copy_view_enabled = False  # two people share nothing that one of them has to be given
    add_view_class = UserCreateView
    edit_view_class = UserEditView
    delete_view_class = UserDeleteView

    def get_form_class(self, for_update: bool = False) -> type:
        return UserEditForm if for_update else UserCreationForm


class AssignRole(bulk_actions.AssignRoleBulkAction):
    """Gives a role to many at once: one that one has."""

    form_class = RoleForm

    def check_perm(self, obj: User) -> bool:
        return bool(super().check_perm(obj)) and may_edit(self.request.user, obj)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "by": self.request.user}


class SetActiveState(bulk_actions.SetActiveStateBulkAction):
    """Activates or deactivates many at once, each as if alone."""

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
                    log(user, "people.activate", user=by)
                else:
                    deactivate(user, by=by)
        return len(others), 0

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        said: str = super().get_success_message(num_parent_objects, num_child_objects)
        leaving = not self.cleaned_form.cleaned_data["mark_as_active"]
        if leaving and any(held_by(user) for user in self.get_actionable_objects()[0]):
            said += " " + _("What they leave behind waits on administrators' home pages.")
        return said
