"""The sets that cuts show are heard with the track that was chosen for their cut.

Where a choice is still being made, what is shown has the sound from before it.
"""

from django.db import migrations

OPEN = ("queued", "running")


def note(apps, schema_editor):
    using = schema_editor.connection.alias
    cuts = apps.get_model("media", "Cut").objects.using(using)
    sets = apps.get_model("media", "RenditionSet").objects.using(using)
    settled = cuts.exclude(sound_track=None).exclude(
        pk__in=cuts.filter(jobs__kind="full", jobs__state__in=OPEN).values("pk")
    )
    for cut in settled.order_by("pk").iterator(chunk_size=100):
        shown = [pk for pk in (cut.current_set_id, cut.second_set_id) if pk]
        sets.filter(pk__in=shown).update(sound_track=cut.sound_track)


def forget(apps, schema_editor):
    using = schema_editor.connection.alias
    apps.get_model("media", "RenditionSet").objects.using(using).update(sound_track=None)


class Migration(migrations.Migration):
    dependencies = [("media", "0013_sets_know_their_sound")]

    operations = [migrations.RunPython(note, forget, elidable=True)]
