"""Who sees and does what with the budget, in words."""

from django.contrib.auth.models import AnonymousUser

from budgets.models import Estimate
from studio.people.models import User

Someone = User | AnonymousUser


def sees_report(user: Someone) -> bool:
    """The report, and the entries behind its numbers."""
    return user.has_perm("budgets.view_report")


def asks(user: Someone) -> bool:
    """Asks for estimates, and so sees what lines have available."""
    return user.has_perm("budgets.request_estimate")


def decides(user: Someone) -> bool:
    """Greenlights and declines estimates, though never their own."""
    return user.has_perm("budgets.greenlight_estimate")


def sees_estimates(user: Someone) -> bool:
    """The list of estimates."""
    return asks(user) or decides(user) or user.has_perm("budgets.view_estimate")


def decides_on(user: Someone, estimate: Estimate) -> bool:
    """Greenlights this very estimate: one that waits and in which they had no part."""
    mine = Estimate.objects.to_be_greenlit_by(user).filter(pk=estimate.pk)
    return decides(user) and mine.exists()


def posts(user: Someone) -> bool:
    """Posts and reverses expenses."""
    return user.has_perm("budgets.post_expense")


def closes(user: Someone) -> bool:
    """Closes periods."""
    return user.has_perm("budgets.close_period")


def overrides(user: Someone) -> bool:
    """Takes a line below zero, with a reason."""
    return user.has_perm("budgets.override_line")


def sees_money_of_videos(user: Someone) -> bool:
    """The budget's panel on a video's page."""
    return sees_report(user) or asks(user) or decides(user) or posts(user)
