"""The name under which earlier migrations import `db_triggers`."""

from budgets.db_triggers import (
    APART,
    BY_ANOTHER,
    HOLD,
    INSTALL,
    LET_GO,
    NOT_APART,
    REMOVE,
    leave,
    refusing,
    run,
)

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
