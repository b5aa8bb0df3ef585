"""Gives every contact and company its keys."""

from itertools import islice

from django.db import migrations

from studio.people.addresses import domain_key, email_key, name_key

BATCH = 500


def batches(model):
    rows = model.objects.order_by("pk").iterator(chunk_size=BATCH)
    while batch := list(islice(rows, BATCH)):
        yield batch


def key_everything(apps, schema_editor):
    Contact = apps.get_model("audience", "Contact")
    Company = apps.get_model("audience", "Company")
    for batch in batches(Contact):
        for contact in batch:
            contact.email_key = email_key(contact.email)
        Contact.objects.bulk_update(batch, ["email_key"])
    for batch in batches(Company):
        for company in batch:
            company.name_key = name_key(company.name)
            company.domain_key = domain_key(company.domain)
        Company.objects.bulk_update(batch, ["name_key", "domain_key"])


class Migration(migrations.Migration):

    dependencies = [
        ("audience", "0004_keys_of_addresses"),
    ]

    operations = [
        migrations.RunPython(key_everything, migrations.RunPython.noop),
    ]
