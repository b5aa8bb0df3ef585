"""Entries are never edited or deleted, and periods share no day: held by the database itself."""

from django.db import migrations

from budgets import guard


def install(apps, schema_editor):
    guard.run(schema_editor.connection, guard.INSTALL)
    guard.run(schema_editor.connection, guard.APART)


def remove(apps, schema_editor):
    guard.run(schema_editor.connection, guard.NOT_APART)
    guard.run(schema_editor.connection, guard.REMOVE)


class Migration(migrations.Migration):
    dependencies = [("budgets", "0001_initial")]
    operations = [migrations.RunPython(install, remove)]
