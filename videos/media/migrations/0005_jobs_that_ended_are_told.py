from django.db import migrations
from django.db.models import F


def told(apps, schema_editor):
    """Jobs that ended before anyone was told of ends are no news now."""
    apps.get_model("media", "Job").objects.filter(
        told_at__isnull=True, ended_at__isnull=False
    ).update(told_at=F("ended_at"))


class Migration(migrations.Migration):
    dependencies = [("media", "0004_jobs_waits_and_words")]
    operations = [migrations.RunPython(told, migrations.RunPython.noop)]
