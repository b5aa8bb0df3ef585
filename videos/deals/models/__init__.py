"""Deals, the contacts taking part in them, and imports in the browser."""

from videos.deals.models.deal import (
    FIELDS_IN_REPORTS,
    Correction,
    Deal,
    DealContact,
    DealQuerySet,
    RemovedPart,
)
from videos.deals.models.imports import Import, ImportFile, ImportQuerySet

__all__ = [
    "FIELDS_IN_REPORTS",
    "Correction",
    "Deal",
    "DealContact",
    "DealQuerySet",
    "Import",
    "ImportFile",
    "ImportQuerySet",
    "RemovedPart",
]
