"""Permission checks of the budget."""

from django.contrib.auth.models import AnonymousUser

from budgets.models import Estimate
from studio.people.models import User

Someone = User | AnonymousUser


def may_see_report(user: Someone) -> bool:
    """Whether the user may see the report and the entries behind it."""
    return user.has_perm("budgets.view_report")


def may_request_estimate(user: Someone) -> bool:
    """Whether the user may write estimates, request their greenlight, and see available amounts."""
    return user.has_perm("budgets.request_estimate")


def may_greenlight(user: Someone) -> bool:
    """Whether the user may greenlight and decline estimates (never their own)."""
    return user.has_perm("budgets.greenlight_estimate")


def may_see_estimates(user: Someone) -> bool:
    """Whether the user may see the list of estimates."""
    return (
        may_request_estimate(user) or may_greenlight(user) or user.has_perm("budgets.view_estimate")
    )


def may_greenlight_estimate(user: Someone, estimate: Estimate) -> bool:
    """Whether the user may greenlight this estimate: it is waiting, and they did not write it."""
    mine = Estimate.objects.to_be_greenlit_by(user).filter(pk=estimate.pk)
    return may_greenlight(user) and mine.exists()


def may_post_expense(user: Someone) -> bool:
    """Whether the user may post and reverse expenses."""
    return user.has_perm("budgets.post_expense")


def may_close_period(user: Someone) -> bool:
    """Whether the user may close periods."""
    return user.has_perm("budgets.close_period")


def may_set_up(user: Someone) -> bool:
    """Whether the user may add periods, budgets and lines."""
    return user.has_perms([f"budgets.add_{name}" for name in ("period", "budget", "line")])


def may_override(user: Someone) -> bool:
    """Whether the user may take a line below zero, with a reason."""
    return user.has_perm("budgets.override_line")


def may_see_video_costs(user: Someone) -> bool:
    """Whether the user may see the budget panel on a video's page."""
    return (
        may_see_report(user)
        or may_request_estimate(user)
        or may_greenlight(user)
        or may_post_expense(user)
    )
