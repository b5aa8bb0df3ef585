"""No REPLACE, TRUNCATE or edit of what is posted, decided or closed: held by the database itself."""

from django.db import migrations

from budgets import guard


def hold(apps, schema_editor):
    guard.run(schema_editor.connection, guard.LET_GO)
    guard.run(schema_editor.connection, guard.HOLD)


def let_go(apps, schema_editor):
    guard.run(schema_editor.connection, guard.LET_GO)


class Migration(migrations.Migration):
    dependencies = [("budgets", "0002_guard")]
    operations = [migrations.RunPython(hold, let_go)]
