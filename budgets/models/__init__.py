"""Budgets, lines and periods; estimates; the append-only ledger."""

from budgets.models.budget import Budget, Line, Period
from budgets.models.entry import Entry
from budgets.models.estimate import Estimate, EstimateItem, EstimateWriter

__all__ = ["Budget", "Entry", "Estimate", "EstimateItem", "EstimateWriter", "Line", "Period"]
