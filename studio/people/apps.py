from django.apps import AppConfig
from django.core.checks import register
from django.db.models import DateTimeField
from django.db.models.signals import post_init, post_migrate, post_save, pre_delete, pre_save
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "studio.people"
    verbose_name = _("People")

    def ready(self) -> None:
        from django.contrib.auth.models import Group
        from wagtail.admin.forms.models import register_form_field_override
        from wagtail.admin.widgets import AdminDateTimeInput
        from wagtail.models import CollectionViewRestriction, PageViewRestriction

        from studio.moments import MomentField
        from studio.people.checks import check_trusted_proxies
        from studio.people.models import User, keep_an_administrator
        from studio.people.one_clock import forget_zone
        from studio.people.passings import drop_the_row, leave_the_row
        from studio.people.roles import apply_grants, keep_the_roles
        from studio.spreadsheets import make_exports_harmless

        register(check_trusted_proxies)
        make_exports_harmless()
        post_migrate.connect(apply_grants, dispatch_uid="people.apply_grants")
        pre_delete.connect(keep_an_administrator, User, dispatch_uid="people.keep_an_administrator")
        for signal in (pre_save, pre_delete):
            signal.connect(keep_the_roles, Group, dispatch_uid="people.keep_the_roles")
        for restriction in (PageViewRestriction, CollectionViewRestriction):
            pre_save.connect(leave_the_row, restriction, dispatch_uid="people.leave_the_row")
            post_save.connect(drop_the_row, restriction, dispatch_uid="people.drop_the_row")
        post_init.connect(
            forget_zone, sender="wagtailusers.UserProfile", dispatch_uid="people.forget_zone"
        )
        # Wagtail's own forms, say when a page goes live, read the studio's clock as ours do.
        register_form_field_override(
            DateTimeField, override={"form_class": MomentField, "widget": AdminDateTimeInput}
        )
