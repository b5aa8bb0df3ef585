"""Numbers that were given stay, also those of refused files; the way back gives the missing ones."""

from django.db import migrations
from django.db.models import Max


def give(apps, schema_editor):
    """Numbers above those of the cuts: the column was filled before."""
    cuts = apps.get_model("media", "Cut").objects.using(schema_editor.connection.alias)
    for cut in cuts.filter(number=None).order_by("pk").iterator(chunk_size=100):
        last = cuts.filter(video=cut.video_id).aggregate(last=Max("number"))["last"] or 0
        cuts.filter(pk=cut.pk).update(number=last + 1)


class Migration(migrations.Migration):
    dependencies = [("media", "0018_refused_files_take_no_number")]

    operations = [migrations.RunPython(migrations.RunPython.noop, give, elidable=True)]
