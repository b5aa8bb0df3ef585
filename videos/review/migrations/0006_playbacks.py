import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("media", "0020_who_has_a_number"),
        ("review", "0005_comments_are_open_or_done"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Playback",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "ranges",
                    models.JSONField(
                        default=list, editable=False, verbose_name="ranges of seconds"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "cut",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="media.cut",
                    ),
                ),
            ],
            options={
                "verbose_name": "playback in the review",
                "verbose_name_plural": "playbacks in the review",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("cut", "by"), name="review_one_playback_a_person"
                    )
                ],
            },
        ),
    ]
