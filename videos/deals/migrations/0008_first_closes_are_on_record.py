"""Finds when the first close of each deal was recorded: by its history, else by its present close."""

from itertools import islice

from django.db import migrations
from django.db.models import Min

BATCH = 500
TELLING = ["deals.won", "deals.lost", "deals.reopen"]


def find_the_first(apps, schema_editor):
    """A deal was closed, at the latest, when its history first says that it closed or opened."""
    using = schema_editor.connection.alias
    Deal = apps.get_model("deals", "Deal")
    entries = apps.get_model("wagtailcore", "ModelLogEntry").objects.using(using)
    entries = entries.filter(
        content_type__app_label="deals", content_type__model="deal", action__in=TELLING
    )
    deals = Deal.objects.using(using).filter(times_closed__gt=0, first_close_recorded_at=None)
    rows = deals.order_by("pk").iterator(chunk_size=BATCH)
    while batch := list(islice(rows, BATCH)):
        first = dict(
            entries.filter(object_id__in=[str(deal.pk) for deal in batch])
            .order_by()
            .values_list("object_id")
            .annotate(Min("timestamp"))
        )
        for deal in batch:
            known = [first.get(str(deal.pk)), deal.close_recorded_at]
            deal.first_close_recorded_at = min((at for at in known if at), default=None)
        Deal.objects.using(using).bulk_update(batch, ["first_close_recorded_at"])


class Migration(migrations.Migration):

    dependencies = [
        ("deals", "0007_deals_keep_their_first_close"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("wagtailcore", "0069_log_entry_jsonfield"),
    ]

    operations = [migrations.RunPython(find_the_first, migrations.RunPython.noop)]
