"""Rates of exchange, for deals and budgets."""
