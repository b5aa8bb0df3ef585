from django.db import migrations

from studio.collation.functions import SortKey

# Long lists open at their first page without sorting all rows: an index of PostgreSQL's own, since
# in SQLite's every program that writes the file would have to know the function. SQLite sorts
# 50,000 names in a sixth of a second.
INDEXES = {"audience_contact_by_name": "audience_contact", "audience_company_by_name": "audience_company"}


def make_indexes(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for name, table in INDEXES.items():
        schema_editor.execute(
            f'CREATE INDEX {name} ON {table} ((studio_sort_key(name::text) COLLATE "C"))'
        )


def drop_indexes(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for name in INDEXES:
        schema_editor.execute(f"DROP INDEX IF EXISTS {name}")


class Migration(migrations.Migration):
    dependencies = [
        ("collation", "0001_functions_of_text"),
        ("audience", "0011_viewers_report_what_does_not_play"),
    ]

    operations = [
        migrations.AlterModelOptions(name="company", options={"ordering": [SortKey("name"), "pk"], "verbose_name": "company", "verbose_name_plural": "companies"}),
        migrations.AlterModelOptions(name="contact", options={"ordering": [SortKey("name"), SortKey("email"), "pk"], "verbose_name": "contact", "verbose_name_plural": "contacts"}),
        migrations.RunPython(make_indexes, drop_indexes),
    ]
