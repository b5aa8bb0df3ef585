"""Models and fields get standard names. Tables and columns keep the old ones.

The previous release keeps running while a new one is deployed, and reads and writes the same
columns, so nothing changes in the database here.
"""

import django.db.models.deletion
from django.db import migrations, models


def renamed(model, old, new, field):
    """State operations that rename a field. `field` names the old column as its `db_column`."""
    return [
        migrations.AlterField(model, old, field),
        migrations.RenameField(model, old, new),
    ]


class Migration(migrations.Migration):
    dependencies = [("media", "0020_who_has_a_number")]

    operations = [
        migrations.AlterModelTable("piece", "media_piece"),
        migrations.RenameModel("Piece", "TranscodeChunk"),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                *renamed(
                    "cut",
                    "facts",
                    "source_info",
                    models.JSONField(
                        "source information", db_column="facts", default=dict, editable=False
                    ),
                ),
                *renamed(
                    "cut",
                    "sound_track",
                    "audio_track",
                    models.PositiveSmallIntegerField(
                        "audio track",
                        db_column="sound_track",
                        null=True,
                        editable=False,
                        help_text=(
                            "The number of the track in the source. Empty for the default track."
                        ),
                    ),
                ),
                *renamed(
                    "renditionset",
                    "sound_track",
                    "audio_track",
                    models.PositiveSmallIntegerField(
                        "audio track",
                        db_column="sound_track",
                        null=True,
                        editable=False,
                        help_text=(
                            "The number of the source track it plays. Empty for the default track."
                        ),
                    ),
                ),
                *renamed(
                    "job",
                    "waits",
                    "deferrals",
                    models.PositiveSmallIntegerField(
                        "deferrals",
                        db_column="waits",
                        default=0,
                        editable=False,
                        help_text="How often it was postponed for a problem outside the job itself.",
                    ),
                ),
                *renamed(
                    "job",
                    "told_at",
                    "notified_at",
                    models.DateTimeField(
                        "notified",
                        db_column="told_at",
                        null=True,
                        editable=False,
                        help_text="When people were notified of the outcome.",
                    ),
                ),
                *renamed(
                    "upload",
                    "place",
                    "backend",
                    models.CharField(
                        "backend",
                        db_column="place",
                        max_length=4,
                        choices=[("disk", "disk"), ("s3", "S3")],
                        editable=False,
                    ),
                ),
                *renamed(
                    "upload",
                    "told_sha256",
                    "client_sha256",
                    models.CharField(
                        "checksum from the browser",
                        db_column="told_sha256",
                        max_length=64,
                        blank=True,
                    ),
                ),
                *renamed(
                    "upload",
                    "twin",
                    "duplicate_of",
                    models.ForeignKey(
                        "media.Cut",
                        django.db.models.deletion.SET_NULL,
                        db_column="twin_id",
                        null=True,
                        related_name="+",
                        verbose_name="duplicate of",
                    ),
                ),
                *renamed(
                    "upload",
                    "moved_at",
                    "last_activity_at",
                    models.DateTimeField("last activity", db_column="moved_at"),
                ),
            ]
        ),
    ]
