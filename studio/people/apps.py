from django.apps import AppConfig
from django.core.checks import register
from django.db.models import DateTimeField
from django.db.models.signals import (
    m2m_changed,
    post_init,
    post_migrate,
    post_save,
    pre_delete,
    pre_save,
)
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "studio.people"
    verbose_name = _("People")

    def ready(self) -> None:
        from django.contrib.auth.models import Group
        from wagtail.admin.forms.models import register_form_field_override
        from wagtail.admin.widgets import AdminDateTimeInput
        from wagtail.models import CollectionViewRestriction, PageViewRestriction
        from wagtail.permissions import register_permission_policy

        from studio.people.access import InvitationPolicy
        from studio.people.access_log import note_deleted_group, note_roles
        from studio.people.checks import check_trusted_proxies
        from studio.people.models import Invitation, User, keep_an_administrator
        from studio.people.one_clock import forget_zone
        from studio.people.roles import apply_grants, keep_the_roles
        from studio.people.view_restrictions import delete_old_row, insert_as_new_row
        from studio.spreadsheets import make_exports_harmless
        from studio.ui.moments import MomentField

        register(check_trusted_proxies)
        register_permission_policy(Invitation, InvitationPolicy(Invitation))
        make_exports_harmless()
        post_migrate.connect(apply_grants, dispatch_uid="people.apply_grants")
        pre_delete.connect(keep_an_administrator, User, dispatch_uid="people.keep_an_administrator")
        for signal in (pre_save, pre_delete):
            signal.connect(keep_the_roles, Group, dispatch_uid="people.keep_the_roles")
        m2m_changed.connect(note_roles, User.groups.through, dispatch_uid="people.note_roles")
        pre_delete.connect(note_deleted_group, Group, dispatch_uid="people.note_deleted_group")
        for restriction in (PageViewRestriction, CollectionViewRestriction):
            pre_save.connect(
                insert_as_new_row, restriction, dispatch_uid="people.insert_as_new_row"
            )
            post_save.connect(delete_old_row, restriction, dispatch_uid="people.delete_old_row")
        post_init.connect(
            forget_zone, sender="wagtailusers.UserProfile", dispatch_uid="people.forget_zone"
        )
        # Wagtail's own forms, say when a page goes live, read the studio's clock as ours do.
        register_form_field_override(
            DateTimeField, override={"form_class": MomentField, "widget": AdminDateTimeInput}
        )
