"""Wagtail's users app with the studio's views."""

from wagtail.users.apps import WagtailUsersAppConfig


class StudioUsersConfig(WagtailUsersAppConfig):
    """Replaces Wagtail's viewsets of users and groups."""

    user_viewset = "studio.people.admin.viewsets.UserViewSet"
    group_viewset = "studio.people.admin.groups.GroupViewSet"

    def ready(self) -> None:
        from django.contrib.auth.models import Group
        from wagtail.permissions import register_permission_policy

        from studio.people.admin.groups import AdministratorsOnlyPolicy

        super().ready()
        register_permission_policy(Group, AdministratorsOnlyPolicy(Group))
