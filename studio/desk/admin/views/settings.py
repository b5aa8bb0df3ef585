"""Wagtail's forms of settings, which never save over a colleague's change unsaid."""

from wagtail.contrib.settings.views import EditView

from studio.ui.optimistic_lock import OptimisticLockMixin


class SettingEditView(OptimisticLockMixin, EditView):
    """The form of one setting."""
