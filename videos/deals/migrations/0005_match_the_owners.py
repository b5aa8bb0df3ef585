"""Hangs every deal on the user whose address it names, as it was shown until now."""

from itertools import islice

from django.db import migrations

from studio.people.addresses import email_key

BATCH = 500


def match_the_owners(apps, schema_editor):
    Deal = apps.get_model("deals", "Deal")
    KnownAddress = apps.get_model("people", "KnownAddress")
    users = dict(KnownAddress.objects.values_list("email_key", "user"))
    rows = Deal.objects.exclude(owner_email="").order_by("pk").iterator(chunk_size=BATCH)
    while batch := list(islice(rows, BATCH)):
        for deal in batch:
            deal.owner_email_key = email_key(deal.owner_email)
            deal.owner_id = users.get(deal.owner_email_key)
        Deal.objects.bulk_update(batch, ["owner", "owner_email_key"])


def name_the_owners(apps, schema_editor):
    """The address is what the code before knows owners by."""
    Deal = apps.get_model("deals", "Deal")
    rows = Deal.objects.filter(owner__isnull=False).select_related("owner").order_by("pk")
    rows = rows.iterator(chunk_size=BATCH)
    while batch := list(islice(rows, BATCH)):
        for deal in batch:
            deal.owner_email = deal.owner.email
        Deal.objects.bulk_update(batch, ["owner_email"])


class Migration(migrations.Migration):

    dependencies = [
        ("deals", "0004_deals_hang_on_their_owner"),
        ("people", "0004_every_user_has_a_key"),
    ]

    operations = [
        migrations.RunPython(match_the_owners, name_the_owners),
    ]
