"""Wagtail's app of users, with our pages in it."""

from wagtail.users.apps import WagtailUsersAppConfig


class StudioUsersConfig(WagtailUsersAppConfig):
    """As Wagtail's, but for the pages of users and of groups."""

    user_viewset = "studio.people.viewsets.UserViewSet"
    group_viewset = "studio.people.groups.GroupViewSet"

    def ready(self) -> None:
        from django.contrib.auth.models import Group
        from wagtail.permissions import register_permission_policy

        from studio.people.groups import AdministratorsAlone

        super().ready()
        register_permission_policy(Group, AdministratorsAlone(Group))
