"""Imports in the browser: the uploaded files, the check of them, and the result."""

import gzip

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from studio.clock import instant_text


class ImportQuerySet(models.QuerySet["Import"]):
    """Imports by state."""

    def unfinished(self) -> "ImportQuerySet":
        """Imports that have not ended: their files are still stored."""
        return self.exclude(state__in=Import.ENDED)


class Import(models.Model):
    """The files of one upload. `state` is written only by `imports/browser/actions.py`.

    `report` is an `ImportReport` as JSON: the result of the check, then of the import.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Being checked")
        CHECKED = "checked", _("Ready to import")
        IMPORTING = "importing", _("Being imported")
        DONE = "done", _("Imported")
        DROPPED = "dropped", _("Discarded")
        FAILED = "failed", _("Failed")

    ENDED = (State.DONE, State.DROPPED, State.FAILED)
    UNDER_WAY = (State.WAITING, State.IMPORTING)

    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.WAITING, db_index=True
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    at = models.DateTimeField(_("uploaded"), default=timezone.now)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("imported by"),
    )
    leaves_out = models.BooleanField(_("without the bad rows"), default=False)
    sent_at = models.DateTimeField(default=timezone.now)  # when it was last sent to the queue
    ended_at = models.DateTimeField(_("ended"), null=True)
    report = models.JSONField(default=dict)
    reason = models.TextField(blank=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-pk"]
        default_permissions = ()
        permissions = [("import_data", _("Can import from the CRM and from other players"))]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["done", "dropped", "failed"], ended_at__isnull=False)
                | (
                    ~models.Q(state__in=["done", "dropped", "failed"])
                    & models.Q(ended_at__isnull=True)
                ),
                name="deals_import_ended_on_record",
            ),
        ]

    def __str__(self) -> str:
        return _("Import of %(at)s") % {"at": instant_text(self.at, gettext("D j M Y, H:i"))}

    @property
    def is_under_way(self) -> bool:
        """Whether it is being checked or imported in the background."""
        return self.state in self.UNDER_WAY


class ImportFile(models.Model):
    """One CSV file of an import. Contents are gzipped, and deleted when no longer needed."""

    owner = models.ForeignKey(Import, models.CASCADE, related_name="files")
    name = models.CharField(
        _("file"), max_length=40
    )  # such as deals.csv, whatever the uploaded name
    given_name = models.CharField(_("uploaded as"), max_length=255)
    size = models.PositiveBigIntegerField(_("bytes"))
    packed = models.BinaryField()
    packed_bad_rows = models.BinaryField(default=b"")

    class Meta:
        verbose_name = _("file of an import")
        verbose_name_plural = _("files of imports")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="deals_import_file_once")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def content(self) -> bytes:
        """The file as it was uploaded; empty once it was deleted."""
        return gzip.decompress(bytes(self.packed)) if self.packed else b""

    @property
    def bad_rows(self) -> bytes:
        """The rows that cannot be imported, as a CSV file to correct; empty if there are none."""
        return gzip.decompress(bytes(self.packed_bad_rows)) if self.packed_bad_rows else b""
