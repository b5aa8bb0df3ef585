from typing import Any

from django.db import migrations


def mark(apps: Any, schema_editor: Any) -> None:
    """Who takes part in imported deals was, for nearly all of them, said by the CRM."""
    parts = apps.get_model("deals", "DealContact").objects
    parts.filter(deal__imported=True).update(imported=True)


class Migration(migrations.Migration):

    dependencies = [("deals", "0013_corrections_outlast_imports")]

    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
