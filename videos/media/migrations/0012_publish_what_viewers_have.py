"""Captions and posters of cuts that are public now are what viewers have: they are published."""

from django.db import migrations
from django.utils.timezone import now

SAME = ("language", "label", "webvtt", "paragraphs", "cues", "is_automatic")


def publish(apps, schema_editor):
    using = schema_editor.connection.alias
    cuts = apps.get_model("media", "Cut").objects.using(using)
    public_captions = apps.get_model("media", "PublicCaption").objects.using(using)
    for cut in cuts.filter(sets__is_public=True).distinct().order_by("pk").iterator(chunk_size=100):
        cuts.filter(pk=cut.pk).update(public_poster=cut.poster.name or "")
        for caption in cut.captions.filter(cues__gt=0):
            same = {name: getattr(caption, name) for name in SAME}
            public_captions.get_or_create(
                cut_id=cut.pk,
                language=same.pop("language"),
                defaults={"published_at": now(), **same},
            )


def withdraw(apps, schema_editor):
    using = schema_editor.connection.alias
    apps.get_model("media", "PublicCaption").objects.using(using).all().delete()
    apps.get_model("media", "Cut").objects.using(using).update(public_poster="")


class Migration(migrations.Migration):
    dependencies = [("media", "0011_what_viewers_have")]

    operations = [migrations.RunPython(publish, withdraw, elidable=True)]
