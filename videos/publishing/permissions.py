"""What nobody does with the pages of the public site."""

from wagtail.models import PagePermissionTester


class NeverCopied(PagePermissionTester):
    """There is one index, and one page a video: neither is copied."""

    def can_copy(self) -> bool:
        return False
