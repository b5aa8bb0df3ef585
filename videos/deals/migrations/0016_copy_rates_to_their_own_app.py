"""Copies the rates of exchange to the app `rates`, and moves what refers to them.

The content type is renamed, so that permissions (and who was granted them), histories and
Wagtail's log go on pointing at the same rows, whose primary keys stay.
"""

from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.db import migrations

COLUMNS = "id, day, from_currency, to_currency, rate"


def copy_rows(schema_editor, source, target):
    connection = schema_editor.connection
    quote = connection.ops.quote_name
    schema_editor.execute(
        f"INSERT INTO {quote(target._meta.db_table)} ({COLUMNS}) "
        f"SELECT {COLUMNS} FROM {quote(source._meta.db_table)}"
    )
    schema_editor.execute(f"DELETE FROM {quote(source._meta.db_table)}")
    for statement in connection.ops.sequence_reset_sql(no_style(), [target]):
        schema_editor.execute(statement)


def move_content_type(apps, schema_editor, source, target):
    """Renames the content type. One that is already there under the new name has no history yet."""
    types = apps.get_model("contenttypes", "ContentType").objects.using(
        schema_editor.connection.alias
    )
    if types.filter(app_label=source, model="rate").exists():
        types.filter(app_label=target, model="rate").delete()
        types.filter(app_label=source, model="rate").update(app_label=target)
        ContentType.objects.clear_cache()


def forwards(apps, schema_editor):
    copy_rows(schema_editor, apps.get_model("deals", "Rate"), apps.get_model("rates", "Rate"))
    move_content_type(apps, schema_editor, "deals", "rates")


def backwards(apps, schema_editor):
    copy_rows(schema_editor, apps.get_model("rates", "Rate"), apps.get_model("deals", "Rate"))
    move_content_type(apps, schema_editor, "rates", "deals")


class Migration(migrations.Migration):

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("deals", "0015_lists_sort_as_people_do"),
        ("rates", "0001_initial"),
    ]

    operations = [migrations.RunPython(forwards, backwards)]
