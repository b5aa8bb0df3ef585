"""Jobs of the kind “words” get the standard name “captions”."""

from django.db import migrations


def rename(apps, schema_editor, old, new):
    using = schema_editor.connection.alias
    apps.get_model("media", "Job").objects.using(using).filter(kind=old).update(kind=new)


def forwards(apps, schema_editor):
    rename(apps, schema_editor, "words", "captions")


def backwards(apps, schema_editor):
    rename(apps, schema_editor, "captions", "words")


class Migration(migrations.Migration):
    dependencies = [("media", "0022_plain_labels")]

    operations = [migrations.RunPython(forwards, backwards, elidable=True)]
