"""Entries stay within the days of their periods, and lines of closed periods as they were reported."""

from django.db import migrations

from budgets import guard

NEW = ("line_reported", "line_moved_in", "line_added", "line_taken_out", "period_days")


def hold(apps, schema_editor):
    guard.run(schema_editor.connection, guard.LET_GO)
    guard.run(schema_editor.connection, guard.HOLD)


def let_go(apps, schema_editor):
    guard.leave(schema_editor.connection, NEW)


class Migration(migrations.Migration):
    dependencies = [("budgets", "0003_what_is_posted_or_decided_stays")]
    operations = [migrations.RunPython(hold, let_go)]
