"""Views from before `counted_at` was kept with every view get theirs.

Imported ones that are long enough were counted at their start; excluded ones of ours when they were
last heard of, for nobody knows when they got long enough.
"""

from decimal import Decimal

from django.conf import settings
from django.db import migrations
from django.db.models import F, Q
from django.db.models.functions import Coalesce

BATCH = 1000
EXCLUDED = Q(imported=False) & (Q(is_staff=True) | Q(is_internal=True) | Q(is_bot=True))


def is_long_enough(seconds, duration):
    """As in `videos.audience.counting` when this was written."""
    limit = Decimal(settings.VIEW_MIN_SECONDS)
    if duration is not None:
        limit = min(limit, duration)
    return seconds is not None and seconds >= limit


def judge(apps, schema_editor):
    View = apps.get_model("audience", "View")
    views = View.objects.using(schema_editor.connection.alias)
    unjudged = views.filter(Q(imported=True) | EXCLUDED, counted_at=None).order_by("pk")
    last = 0
    while rows := list(unjudged.filter(pk__gt=last).select_related("video")[:BATCH]):
        last = rows[-1].pk
        counted = [
            view
            for view in rows
            if is_long_enough(view.seconds_watched, view.video.duration_seconds)
        ]
        for view in counted:
            told = view.started_at if view.imported else view.last_heard_at
            view.counted_at = told or view.started_at
        views.bulk_update(counted, ["counted_at"])
    views.filter(imported=False, new_range_at=None).update(new_range_at=F("last_heard_at"))


def forget(apps, schema_editor):
    View = apps.get_model("audience", "View")
    views = View.objects.using(schema_editor.connection.alias)
    views.filter(imported=True).update(counted_at=None)
    views.filter(EXCLUDED, counted_at=Coalesce("last_heard_at", "started_at")).update(
        counted_at=None
    )
    views.update(new_range_at=None)


class Migration(migrations.Migration):

    dependencies = [
        ("audience", "0006_views_keep_a_no"),
    ]

    operations = [
        migrations.RunPython(judge, forget),
    ]
