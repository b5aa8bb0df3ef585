from django.db import migrations
from django.utils import timezone


def record(apps, schema_editor):
    """Deals closed before this was kept: one close each, recorded by now at the latest."""
    deals = apps.get_model("deals", "Deal").objects.using(schema_editor.connection.alias)
    deals.filter(status__in=["won", "lost"], times_closed=0).update(
        times_closed=1, close_recorded_at=timezone.now()
    )


class Migration(migrations.Migration):

    dependencies = [
        ("deals", "0002_deals_keep_their_closes"),
    ]

    operations = [migrations.RunPython(record, migrations.RunPython.noop)]
