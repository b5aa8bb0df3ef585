"""Takes away Wagtail's Editors and Moderators, whom no role of ours knows.

A group with members stays, so that nobody loses anything unasked: the page of roles lists it. A
group of these names that a studio makes later stays, too: this runs once.
"""

from django.db import migrations

WAGTAILS = ("Editors", "Moderators")


def take_away(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    members = apps.get_model("people", "User").groups.through
    database = schema_editor.connection.alias
    for group in Group.objects.using(database).filter(name__in=WAGTAILS):
        if not members.objects.using(database).filter(group_id=group.pk).exists():
            group.delete()


class Migration(migrations.Migration):

    dependencies = [
        ("people", "0005_first_run_and_invitations"),
        ("wagtailcore", "0098_apitoken"),
        ("wagtailadmin", "0006_formstate"),
        ("wagtailimages", "0027_image_description"),
        ("wagtaildocs", "0014_alter_document_file_size"),
    ]

    operations = [migrations.RunPython(take_away, migrations.RunPython.noop)]
