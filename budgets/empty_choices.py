"""Explains why a form field has no choices, and what to do about it."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple, cast

from django import forms
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _

from budgets.models import Budget, Estimate, Line, Period
from studio.people.models import User


class LineStatus(NamedTuple):
    """The properties of a line that decide whether a video can be paid from it."""

    is_of_sales: bool
    is_closed: bool  # whether its period is
    starts_on: dt.date
    ends_on: dt.date


class EmptyChoice(NamedTuple):
    """Why there are no choices, and the page where that can be changed."""

    reason: str
    label: str
    url_name: str
    permission: str

    def shown_to(self, user: User | AnonymousUser) -> str:
        """Return the reason as HTML, with a link to the page or, without permission, a hint."""
        if user.has_perm(self.permission):
            link = format_html('<a href="{}">{}</a>', reverse(self.url_name), self.label)
            return format_html("{} {}", self.reason, link)
        return format_html("{} {}", self.reason, _("Finance sets up the sales budget."))


def why_no_line(
    lines: Iterable[LineStatus], *, today: dt.date, from_then_on: bool
) -> EmptyChoice | None:
    """Return why no line can pay for a video, or None if one can.

    With `from_then_on`, consider lines of current and future periods, as for an estimate; otherwise
    those of periods that have begun, as for an expense.
    """
    lines = list(lines)
    of_sales = [line for line in lines if line.is_of_sales]
    not_closed = [line for line in of_sales if not line.is_closed]
    add_line = _("Add a line"), "budgets_lines:add", "budgets.add_line"
    periods = _("See periods"), "budgets_periods:index", "budgets.view_period"
    if not lines:
        return EmptyChoice(_("There is no budget line yet."), *add_line)
    if not of_sales:
        text = _("Videos are paid from the sales budget, and it has no lines yet.")
        return EmptyChoice(text, *add_line)
    if not not_closed:
        return EmptyChoice(_("Every period with a line is closed."), *periods)
    if from_then_on:
        last = max(line.ends_on for line in not_closed)
        if last >= today:
            return None
        text = _("The last period with a line ended on %(day)s.")
        return EmptyChoice(text % {"day": date_format(last)}, *periods)
    first = min(line.starts_on for line in not_closed)
    if first <= today:
        return None
    text = _("The first open period begins on %(day)s. No expense can be posted before that.")
    return EmptyChoice(text % {"day": date_format(first)}, *periods)


def lack_of_lines(*, today: dt.date, from_then_on: bool) -> EmptyChoice | None:
    """Return why no line in the database can pay for a video, or None if one can."""
    rows = Line.objects.order_by().values_list(
        "budget__department", "period__closed_at", "period__starts_on", "period__ends_on"
    )
    payers = (
        LineStatus(department == Budget.Department.SALES, closed_at is not None, starts_on, ends_on)
        for department, closed_at, starts_on, ends_on in rows
    )
    return why_no_line(payers, today=today, from_then_on=from_then_on)


def lack_of_videos() -> EmptyChoice | None:
    """Return why no expense can be posted for any video, or None if one can."""
    if Estimate.objects.filter(state=Estimate.State.GREENLIT).exists():
        return None
    text = _("No video is greenlit yet. Expenses can be posted once one is.")
    return EmptyChoice(text, _("See estimates"), "budgets_estimates", "budgets.greenlight_estimate")


def lack_of_budgets() -> EmptyChoice | None:
    """Return why no budget can be chosen, or None if one can."""
    if Budget.objects.exists():
        return None
    text = _("There is no budget yet.")
    return EmptyChoice(text, _("Add a budget"), "budgets_budgets:add", "budgets.add_budget")


def lack_of_periods() -> EmptyChoice | None:
    """Return why no period can be chosen, or None if one is open."""
    if Period.objects.filter(closed_at=None).exists():
        return None
    text = _("No period is open.")
    return EmptyChoice(text, _("Add a period"), "budgets_periods:add", "budgets.add_period")


def explain(field: forms.Field, empty: EmptyChoice | None, user: User | AnonymousUser) -> None:
    """Replace the help text of a field without choices by the reason, if there is one."""
    choices = cast(forms.ModelChoiceField, field)
    if empty:
        choices.help_text = empty.shown_to(user)
        choices.empty_label = _("Nothing to choose from")
