"""The module and names under which earlier migrations import `db_triggers`."""

from budgets.db_triggers import CREATE_ENTRY_TRIGGERS as INSTALL
from budgets.db_triggers import CREATE_PERIOD_TRIGGERS as APART
from budgets.db_triggers import CREATE_RULES as HOLD
from budgets.db_triggers import DROP_ENTRY_TRIGGERS as REMOVE
from budgets.db_triggers import DROP_PERIOD_TRIGGERS as NOT_APART
from budgets.db_triggers import DROP_RULES as LET_GO
from budgets.db_triggers import GREENLIT_BY_ANOTHER as BY_ANOTHER
from budgets.db_triggers import create_rule as refusing
from budgets.db_triggers import drop_rules as leave
from budgets.db_triggers import run

__all__ = [
    "APART",
    "BY_ANOTHER",
    "HOLD",
    "INSTALL",
    "LET_GO",
    "NOT_APART",
    "REMOVE",
    "leave",
    "refusing",
    "run",
]
