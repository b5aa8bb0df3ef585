"""Groups in the admin: only administrators change them, and role groups stay."""

from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.permission_policies import BasePermissionPolicy
from wagtail.users.forms import GroupForm as WagtailGroupForm
from wagtail.users.views import groups

from studio.people.errors import RoleStays
from studio.people.models import User
from studio.people.roles import is_of_a_role


class AdministratorsOnlyPolicy(BasePermissionPolicy):
    """Allows administrators everything and others nothing, whatever their permissions.

    Users who could change a group could give their own group every permission.
    """

    def user_has_permission(self, user: Any, action: str) -> bool:
        return bool(user.is_active and user.is_superuser)

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        return self.user_has_permission(user, "")

    def users_with_any_permission(self, actions: Any) -> QuerySet[User]:
        return User.objects.administrators()


class GroupForm(WagtailGroupForm):
    """Edits a group; a role's group keeps its name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_of_a_role(self.instance):
            self.fields["name"].disabled = True
            self.fields["name"].help_text = _("The group of a role cannot be renamed.")


class GroupEditView(groups.EditView):
    """Edits a group, without a delete button for role groups."""

    @property
    def can_delete(self) -> bool:
        return bool(super().can_delete) and not is_of_a_role(self.object)


class GroupDeleteView(groups.DeleteView):
    """Deletes groups; explains why a role's group stays."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.user_has_permission("delete") and is_of_a_role(self.object):
            messages.error(request, RoleStays(self.object.name).message)
            return redirect(reverse("wagtailusers_groups:edit", args=[self.object.pk]))
        return super().dispatch(request, *args, **kwargs)  # type: ignore[no-any-return]


class GroupViewSet(groups.GroupViewSet):
    """Groups in the admin."""

    edit_view_class = GroupEditView
    delete_view_class = GroupDeleteView

    def get_form_class(self, for_update: bool = False) -> type:
        return GroupForm

    def get_permissions_to_register(self) -> QuerySet[Permission]:
        """Return none: no permission makes a user an administrator."""
        return Permission.objects.none()
