"""Page permissions that differ from Wagtail's."""

from typing import TYPE_CHECKING

from wagtail.models import PagePermissionTester

if TYPE_CHECKING:
    from videos.publishing.models import VideoPage


class IndexPermissions(PagePermissionTester):
    """There is only one index page, which contains all videos. It cannot be copied or removed."""

    def can_copy(self) -> bool:
        return False

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        return False

    def can_unpublish(self) -> bool:
        return False


class VideoPagePermissions(PagePermissionTester):
    """A video has only one page, so it cannot be copied. It is retired, not unpublished.

    Retiring explains what happens to links (`admin/retiring.py`), so Wagtail's own ways to take a
    live page down are closed, to administrators too.
    """

    page: "VideoPage"

    def can_copy(self) -> bool:
        return False

    def can_unpublish(self) -> bool:
        return False

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        return not self.page.live and bool(super().can_delete(ignore_bulk))

    def can_retire(self) -> bool:
        """Whether the user may take the page down; a lock may still be in the way."""
        return bool(self.page.live and self.can_publish())
