from django.db import migrations

from studio.collation.functions import SortKey


class Migration(migrations.Migration):
    dependencies = [
        ("collation", "0001_functions_of_text"),
        ("people", "0006_wagtails_groups_go"),
    ]

    operations = [
        migrations.AlterModelOptions(name="user", options={"ordering": [SortKey("first_name"), SortKey("last_name"), "email"], "verbose_name": "user", "verbose_name_plural": "users"}),
    ]
