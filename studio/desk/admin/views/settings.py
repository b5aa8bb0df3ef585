"""Wagtail's forms of settings, with a lock against overwriting a colleague's changes."""

from wagtail.contrib.settings.views import EditView

from studio.ui.optimistic_lock import OptimisticLockMixin


class SettingEditView(OptimisticLockMixin, EditView):
    """Edits one setting."""
