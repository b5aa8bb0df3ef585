from django.db import migrations

from studio.collation.functions import SortKey


class Migration(migrations.Migration):
    dependencies = [
        ("collation", "0001_functions_of_text"),
        ("budgets", "0008_say_that_the_last_day_is_early"),
    ]

    operations = [
        migrations.AlterModelOptions(name="budget", options={"ordering": [SortKey("name")], "permissions": [("view_report", "Can see the budget report")], "verbose_name": "budget", "verbose_name_plural": "budgets"}),
        migrations.AlterModelOptions(name="line", options={"ordering": ["period__starts_on", SortKey("budget__name"), "kind", SortKey("name")], "permissions": [("override_line", "Can take a line below zero, with a reason")], "verbose_name": "line", "verbose_name_plural": "lines"}),
    ]
