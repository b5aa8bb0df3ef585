from django.db import migrations

from studio.collation.functions import SortKey


class Migration(migrations.Migration):
    dependencies = [
        ("collation", "0001_functions_of_text"),
        ("deals", "0014_parts_of_imported_deals_are_the_crms"),
    ]

    operations = [
        migrations.AlterModelOptions(name="dealcontact", options={"ordering": [SortKey("contact__name"), SortKey("contact__email"), "role", "pk"], "verbose_name": "contact of a deal", "verbose_name_plural": "contacts of deals"}),
    ]
