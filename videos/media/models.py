"""Cuts with their sources, transcode jobs, sets of renditions and captions."""

import uuid
from typing import Any

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from studio.fields import ExactDecimalField
from studio.single_line import SingleLines
from videos.media.captions import told_of
from videos.planning.models import Video


def footage() -> Storage:
    """Where sources and sets of renditions lie."""
    return storages["footage"]


def source_path(cut: "Cut", name: str) -> str:
    """A place for a source that owes nothing to the name it came with."""
    return f"sources/{cut.key}"


def poster_path(cut: "Cut", name: str) -> str:
    """A place for a poster that somebody chose; each a new one, for old ones are cached."""
    return f"posters/{uuid.uuid4()}.jpg"


class CutManager(models.Manager["Cut"]):
    """Cuts that are there. The row of a removed one stays, and is seen through `everything`."""

    def get_queryset(self) -> models.QuerySet["Cut"]:
        return super().get_queryset().filter(removed_at=None)

    def numbered(self) -> models.QuerySet["Cut"]:
        """Cuts that people know by their numbers; see `Cut.goes_by_number`."""
        return self.filter(number__isnull=False).exclude(state=Cut.State.REFUSED)


class Cut(models.Model):
    """One uploaded version of a video. Its source is never changed after the upload.

    It gets its number when the studio has looked into the file and takes it; see `numbering.py`. Of
    a removed one (`removal.py`) the row stays, so that its number is never given again and what was
    done for it still counts.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        WORKING = "working", _("Being made ready")
        READY = "ready", _("Ready to watch")
        FAILED = "failed", _("Failed")
        REFUSED = "refused", _("Refused")
        CANCELLED = "cancelled", _("Cancelled")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    video = models.ForeignKey(
        Video, models.PROTECT, related_name="cuts", verbose_name=_("video"), editable=False
    )
    number = models.PositiveIntegerField(
        _("version"),
        null=True,
        editable=False,
        help_text=_("Empty: nobody has looked into the file yet, or it was refused."),
    )
    state = models.CharField(
        _("state"), max_length=9, choices=State, default=State.WAITING, editable=False
    )
    reason = models.TextField(_("reason"), blank=True, editable=False)
    source = models.FileField(
        _("source"), storage=footage, upload_to=source_path, max_length=255, editable=False
    )
    source_name = models.CharField(_("file name"), max_length=255, editable=False)
    source_bytes = models.PositiveBigIntegerField(_("size in bytes"), editable=False)
    sha256 = models.CharField(_("checksum (SHA-256)"), max_length=64, editable=False)
    facts = models.JSONField(_("what is in the source"), default=dict, editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("uploaded by"),
        editable=False,
    )
    uploaded_at = models.DateTimeField(_("uploaded"), editable=False)
    current_set = models.ForeignKey(
        "RenditionSet",
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("current renditions"),
    )
    second_set = models.ForeignKey(
        "RenditionSet",
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("renditions in AV1"),
    )
    sound_track = models.PositiveSmallIntegerField(
        _("sound track"),
        null=True,
        editable=False,
        help_text=_("Number of the track in the source; empty: the default one."),
    )
    poster = models.FileField(
        _("poster"),
        storage=footage,
        upload_to=poster_path,
        max_length=255,
        blank=True,
        editable=False,
        help_text=_("Chosen by a person, in the place of the set's own."),
    )
    public_poster = models.CharField(
        _("public poster"),
        max_length=255,
        blank=True,
        default="",
        editable=False,
        help_text=_("The chosen poster as it was published last; empty: the set's own."),
    )
    poster_seconds = ExactDecimalField(
        _("poster's moment"), null=True, editable=False, help_text=_("In seconds from the start.")
    )
    removed_at = models.DateTimeField(_("removed"), null=True, editable=False)

    objects = CutManager()
    everything = models.Manager["Cut"]()

    class Meta:
        verbose_name = _("cut")
        verbose_name_plural = _("cuts")
        ordering = ["video", F("number").desc(nulls_last=True), "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["video", "number"], name="media_cut_number"),
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(current_set__isnull=False),
                name="media_ready_cut_has_a_set",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["failed", "refused"]) | ~Q(reason=""),
                name="media_failed_cut_has_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(number__isnull=False),
                name="media_ready_cut_has_a_number",
            ),
        ]

    def __str__(self) -> str:
        return _("%(title)s, %(cut)s") % {"title": self.video.title, "cut": self.called}

    @property
    def goes_by_number(self) -> bool:
        """Whether people call it by a number. Some refused files have one from before: no cuts."""
        return self.number is not None and self.state != self.State.REFUSED

    @property
    def title(self) -> str:
        """What it is called at the head of a page or a sentence: “Cut 3”, or its file's name."""
        if not self.goes_by_number:
            return _("“%(file)s”") % {"file": self.source_name}
        return _("Cut %(number)d") % {"number": self.number}

    @property
    def called(self) -> str:
        """What it is called within a sentence: “cut 3”, or its file's name."""
        if not self.goes_by_number:
            return self.title
        return _("cut %(number)d") % {"number": self.number}


class RenditionSetQuerySet(models.QuerySet["RenditionSet"]):
    """Asks for sets."""

    def on_show(self) -> "RenditionSetQuerySet":
        """What public pages show of a cut: a public set that every browser can play."""
        return self.filter(is_public=True).exclude(kind=RenditionSet.Kind.AV1)


class RenditionSet(models.Model):
    """A complete, consistent set of renditions in a folder of its own, never written again.

    Paths are relative to the folder. Anyone may play a public set; publishing marks it. A set that
    another one took the place of stays for those who are playing it, and is swept later.
    """

    class Kind(models.TextChoices):
        FIRST = "first", _("small, for a first look")
        FULL = "full", _("full")
        AV1 = "av1", _("in AV1")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cut = models.ForeignKey(Cut, models.CASCADE, related_name="sets", editable=False)
    kind = models.CharField(
        _("kind"), max_length=5, choices=Kind, default=Kind.FULL, editable=False
    )
    is_public = models.BooleanField(_("public"), default=False, editable=False)
    master = models.CharField(max_length=255, editable=False)
    poster = models.CharField(max_length=255, editable=False)
    storyboard = models.CharField(max_length=255, editable=False)
    preview = models.CharField(max_length=255, blank=True, editable=False)
    download = models.CharField(max_length=255, blank=True, editable=False)
    sound_track = models.PositiveSmallIntegerField(
        _("sound track"),
        null=True,
        editable=False,
        help_text=_("Number of the track that is heard in it; empty: the source's default one."),
    )
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    seconds = ExactDecimalField(editable=False)
    bytes = models.PositiveBigIntegerField(default=0, editable=False)
    ends_well = models.BooleanField(
        null=True,
        editable=False,
        help_text=_("Whether picture and sound end so that players know it; empty: not looked at."),
    )
    created_at = models.DateTimeField(auto_now_add=True)
    replaced_at = models.DateTimeField(_("replaced"), null=True, editable=False)
    public_until = models.DateTimeField(
        _("public until"),
        null=True,
        editable=False,
        help_text=_("For those who were playing it when it ceased to be public."),
    )

    objects = RenditionSetQuerySet.as_manager()

    class Meta:
        verbose_name = _("set of renditions")
        verbose_name_plural = _("sets of renditions")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return str(self.key)

    @property
    def folder(self) -> str:
        """Where the set lies in the footage storage."""
        return f"sets/{self.key}"

    def url(self, path: str) -> str:
        """The address of one file of the set; on the CDN when the set is public and there is one.

        For who is signed in or anyone: addresses that carry a user's leave are in `delivery.py`.
        """
        own = reverse("media_file", kwargs={"key": self.key, "path": path})
        return f"{settings.CDN_URL}{own}" if self.is_public else own

    @property
    def master_url(self) -> str:
        return self.url(self.master)

    @property
    def shown_poster(self) -> str:
        """The path of the poster that a person chose for the cut, else of the set's own."""
        return self.cut.poster.name or self.poster

    @property
    def poster_url(self) -> str:
        return self.url(self.shown_poster)

    @property
    def storyboard_url(self) -> str:
        return self.url(self.storyboard)


class Rendition(models.Model):
    """One encoded stream of a cut: a variant of its set's master playlist."""

    set = models.ForeignKey(RenditionSet, models.CASCADE, related_name="renditions")
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    bitrate = models.PositiveIntegerField(_("bits per second"))
    codecs = models.CharField(_("codecs"), max_length=100)
    path = models.CharField(_("playlist"), max_length=255)

    class Meta:
        verbose_name = _("rendition")
        verbose_name_plural = _("renditions")
        ordering = ["-height", "-bitrate"]

    def __str__(self) -> str:
        return f"{self.width} × {self.height}"


class Job(models.Model):
    """The transcode of a cut: who works on it, until when they hold it, and how far they are.

    Written by `tasks.py`, `ending.py`, `acts.py` and `upkeep.py` alone.
    `token` names the worker that holds the lease.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    class Priority(models.IntegerChoices):
        LATER = -1, _("Later")
        USUAL = 0, _("In turn")
        NEXT = 1, _("Next")

    cut = models.ForeignKey(Cut, models.CASCADE, related_name="jobs", editable=False)
    kind = models.CharField(
        _("kind"),
        max_length=5,
        choices=[
            ("full", _("full")),
            ("av1", _("in AV1")),
            ("words", _("captions")),
            ("texts", _("captions inside")),
            ("ends", _("its end mended")),
        ],
        default="full",
        editable=False,
    )
    state = models.CharField(
        _("state"), max_length=9, choices=State, default=State.QUEUED, db_index=True
    )
    priority = models.SmallIntegerField(
        _("priority"), choices=Priority, default=Priority.USUAL, editable=False
    )
    reserved_bytes = models.PositiveBigIntegerField(
        _("room reserved, in bytes"), default=0, editable=False
    )
    worker = models.CharField(_("worker"), max_length=120, blank=True, editable=False)
    token = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    waits = models.PositiveSmallIntegerField(
        _("waits"),
        default=0,
        editable=False,
        help_text=_("For the end of a trouble that was not its own."),
    )
    not_before = models.DateTimeField(_("not tried before"), null=True, editable=False)
    progress = models.FloatField(
        _("progress"), default=0, help_text=_("From 0 to 1. It never goes back.")
    )
    progress_before = models.FloatField(
        _("progress before"),
        default=0,
        db_default=0,  # for the release before, while both run
        editable=False,
        help_text=_("How far it was when the work began anew."),
    )
    speed = models.FloatField(
        _("speed"), null=True, help_text=_("As a multiple of the video's own.")
    )
    reason = models.TextField(_("reason"), blank=True)
    failure = models.CharField(
        _("kind of failure"), max_length=20, blank=True, editable=False, help_text=_("For metrics.")
    )
    queued_at = models.DateTimeField(_("queued"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent to the queue"), null=True)
    started_at = models.DateTimeField(_("started"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    told_at = models.DateTimeField(
        _("told"), null=True, editable=False, help_text=_("When people were told of its end.")
    )

    class Meta:
        verbose_name = _("transcode job")
        verbose_name_plural = _("transcode jobs")
        ordering = ["-queued_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cut", "kind"],
                condition=Q(state__in=["queued", "running"]),
                name="media_one_open_job_a_cut",
            ),
            models.CheckConstraint(
                condition=Q(progress__gte=0, progress__lte=1), name="media_job_progress"
            ),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(token__isnull=False, lease_until__isnull=False),
                name="media_running_job_has_a_lease",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True)
                | Q(started_at__isnull=True)
                | Q(ended_at__gte=F("started_at")),
                name="media_job_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} ({self.state})"

    @property
    def percent(self) -> int:
        """How far it is, from 0 to 100."""
        return int(self.progress * 100)

    @property
    def took(self) -> float | None:
        """Seconds from its last start to its end."""
        if self.started_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.started_at).total_seconds()


class Piece(models.Model):
    """A stretch of a long job that any worker may encode; the job's holder joins them.

    Frames are counted at the product's constant rate. Written by `pieces.py` alone.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")

    job = models.ForeignKey(Job, models.CASCADE, related_name="pieces", editable=False)
    number = models.PositiveIntegerField(_("number"))
    first_frame = models.PositiveBigIntegerField(_("first frame"))
    frames = models.PositiveBigIntegerField(_("frames"))
    state = models.CharField(
        _("state"), max_length=8, choices=State, default=State.QUEUED, db_index=True
    )
    token = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    progress = models.FloatField(_("progress"), default=0)
    speed = models.FloatField(_("speed"), null=True)
    reason = models.TextField(_("reason"), blank=True)
    sent_at = models.DateTimeField(_("sent to the queue"), null=True)

    class Meta:
        verbose_name = _("piece of a job")
        verbose_name_plural = _("pieces of jobs")
        ordering = ["job", "number"]
        constraints = [
            models.UniqueConstraint(fields=["job", "number"], name="media_piece_number"),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(token__isnull=False, lease_until__isnull=False),
                name="media_running_piece_has_a_lease",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}/{self.number} ({self.state})"


class Upload(models.Model):
    """A source on its way in: what was announced, what has arrived, and what became of it.

    Room for it and for the work on it is reserved from its first moment to its end. Written by
    `uploads.py` alone.
    """

    class State(models.TextChoices):
        RECEIVING = "receiving", _("Uploading")
        CHECKING = "checking", _("Being checked")
        TWIN = "twin", _("Here already")
        STORED = "stored", _("Stored")
        REFUSED = "refused", _("Refused")
        CANCELLED = "cancelled", _("Cancelled")
        EXPIRED = "expired", _("Given up")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    video = models.ForeignKey(
        Video, models.PROTECT, related_name="uploads", verbose_name=_("video"), editable=False
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("by"),
        editable=False,
    )
    state = models.CharField(
        _("state"), max_length=9, choices=State, default=State.RECEIVING, db_index=True
    )
    reason = models.TextField(_("reason"), blank=True)
    name = models.CharField(_("file name"), max_length=255, editable=False)
    bytes = models.PositiveBigIntegerField(_("size in bytes"), editable=False)
    fingerprint = models.CharField(
        _("fingerprint"),
        max_length=200,
        blank=True,
        help_text=_("By which a browser finds its upload again."),
    )
    place = models.CharField(
        _("place"), max_length=4, choices=[("disk", _("disk")), ("s3", _("S3"))], editable=False
    )
    path = models.CharField(_("path"), max_length=255, editable=False)
    multipart_id = models.TextField(blank=True, editable=False)
    received = models.PositiveBigIntegerField(_("bytes received"), default=0)
    reserved_bytes = models.PositiveBigIntegerField(_("room reserved, in bytes"), default=0)
    told_sha256 = models.CharField(_("the browser's checksum"), max_length=64, blank=True)
    sha256 = models.CharField(_("checksum (SHA-256)"), max_length=64, blank=True)
    twin = models.ForeignKey(
        Cut, models.SET_NULL, null=True, related_name="+", verbose_name=_("same as")
    )
    cut = models.OneToOneField(
        Cut, models.SET_NULL, null=True, related_name="upload", verbose_name=_("cut")
    )
    attempts = models.PositiveSmallIntegerField(_("checks begun"), default=0, editable=False)
    token = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    moved_at = models.DateTimeField(_("last moved"))
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        ordering = ["-started_at", "-pk"]
        permissions = [("end_any_upload", "Can end anybody's upload")]
        constraints = [
            models.CheckConstraint(
                condition=Q(received__lte=F("bytes")), name="media_upload_not_over_its_size"
            ),
            models.CheckConstraint(
                condition=~Q(state="stored") | ~Q(sha256=""), name="media_stored_has_a_checksum"
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(reason=""), name="media_refused_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.state})"


class CaptionQuerySet(models.QuerySet["Caption"]):
    """Asks for captions."""

    def with_words(self) -> "CaptionQuerySet":
        """Those that say something: begun ones are empty at first."""
        return self.filter(cues__gt=0)

    def without_texts(self) -> "CaptionQuerySet":
        """For lists: what is said in them may be many megabytes."""
        return self.defer("webvtt", "paragraphs")


class Captions(SingleLines):
    """What is said in a cut, as WebVTT in one language, and as pages print it."""

    language = models.CharField(
        _("language"), max_length=15, default="en", help_text=_("A BCP 47 tag such as “en”.")
    )
    label = models.CharField(_("label"), max_length=60, default="English")
    webvtt = models.TextField(_("WebVTT"))
    paragraphs = models.JSONField(
        _("transcript"),
        default=list,
        editable=False,
        help_text=_("What is said, as pages print it: made when the captions are saved."),
    )
    cues = models.PositiveIntegerField(_("number of captions"), default=0, editable=False)
    is_automatic = models.BooleanField(
        _("made by a machine"), default=False, help_text=_("And not yet read by a person.")
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    @property
    def shown_label(self) -> str:
        """What the player's menu says: whoever reads it knows when a machine wrote it."""
        if self.is_automatic:
            return _("%(language)s (automatic)") % {"language": self.label}
        return self.label


class Caption(Captions):
    """The captions of a cut as the studio works on them; see `PublicCaption`."""

    cut = models.ForeignKey(Cut, models.CASCADE, related_name="captions", editable=False)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("changed by"),
    )

    objects = CaptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("captions")
        verbose_name_plural = _("captions")
        ordering = ["cut", "language"]
        constraints = [
            models.UniqueConstraint(fields=["cut", "language"], name="media_caption_language")
        ]

    def read(self) -> None:
        """What pages print of the captions, from their text; for who saves many at once."""
        self.paragraphs, self.cues = told_of(self.webvtt)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Reads the captions once, here; pages print what comes of it."""
        fields = kwargs.get("update_fields")
        if fields is None or "webvtt" in fields:
            self.read()
            if fields is not None:
                kwargs["update_fields"] = {*fields, "paragraphs", "cues"}
        super().save(*args, **kwargs)


class PublicCaption(Captions):
    """Captions of a cut as they were published: what viewers have. Written by `published.py`."""

    cut = models.ForeignKey(Cut, models.CASCADE, related_name="public_captions", editable=False)
    published_at = models.DateTimeField(_("published"), editable=False)

    class Meta:
        verbose_name = _("public captions")
        verbose_name_plural = _("public captions")
        ordering = ["cut", "language"]
        constraints = [
            models.UniqueConstraint(
                fields=["cut", "language"], name="media_public_caption_language"
            )
        ]
