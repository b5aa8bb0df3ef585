"""Nobody greenlights what they wrote: held by the database itself."""

from django.db import migrations

from budgets import guard


def hold(apps, schema_editor):
    let_go(apps, schema_editor)
    guard.run(schema_editor.connection, guard.refusing(guard.BY_ANOTHER))


def let_go(apps, schema_editor):
    guard.leave(schema_editor.connection, ["estimate_by_another"])


class Migration(migrations.Migration):
    dependencies = [("budgets", "0006_record_who_wrote_estimates")]
    operations = [migrations.RunPython(hold, let_go)]
