"""Gives every user the key of their address, and remembers the address."""

from django.db import migrations

from studio.people.addresses import email_key


def key_the_users(apps, schema_editor):
    User = apps.get_model("people", "User")
    KnownAddress = apps.get_model("people", "KnownAddress")
    held = {}
    for user in User.objects.order_by("pk").iterator():
        key = email_key(user.email)
        if key in held:
            raise ValueError(
                f"{held[key]} and {user.email} are one address by the rules of today. Give one of "
                "the two users another address (or delete it), then migrate again."
            )
        held[key] = user.email
        user.email_key = key
        user.save(update_fields=["email_key"])
        KnownAddress.objects.create(user=user, email=user.email, email_key=key)


def forget_the_addresses(apps, schema_editor):
    apps.get_model("people", "KnownAddress").objects.all().delete()
    apps.get_model("people", "User")._base_manager.update(email_key=None)


class Migration(migrations.Migration):

    dependencies = [
        ("people", "0002_addresses_are_identities"),
    ]

    operations = [
        migrations.RunPython(key_the_users, forget_the_addresses),
    ]
