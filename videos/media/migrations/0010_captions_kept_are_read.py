"""Reads the captions that were kept before, once; what could not be taken in today shows nothing."""

from django.db import migrations

from videos.media.transcoding.webvtt import told_of

BATCH = 100


def read(apps, schema_editor):
    captions = apps.get_model("media", "Caption").objects.using(schema_editor.connection.alias)
    for caption in captions.order_by("pk").iterator(chunk_size=BATCH):
        told = told_of(caption.webvtt)
        captions.filter(pk=caption.pk).update(paragraphs=told.paragraphs, cues=told.cues)


class Migration(migrations.Migration):
    dependencies = [("media", "0009_captions_are_read_when_saved")]

    operations = [migrations.RunPython(read, migrations.RunPython.noop, elidable=True)]
