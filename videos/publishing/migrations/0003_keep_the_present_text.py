"""Existing pages keep what they print at this moment: the text of their videos."""

from django.db import migrations


def keep(apps, schema_editor):
    VideoPage = apps.get_model("publishing", "VideoPage")
    Question = apps.get_model("planning", "Question")
    pages = VideoPage.objects.using(schema_editor.connection.alias).select_related("video")
    for page in pages.iterator(chunk_size=200):
        questions = Question.objects.using(schema_editor.connection.alias)
        asked = questions.filter(video=page.video_id).order_by("-heard_on", "-pk")
        experts = page.video.experts.order_by(
            "user__first_name", "user__last_name", "user__email"
        ).select_related("user")
        names = (f"{e.user.first_name} {e.user.last_name}".strip() for e in experts)
        pages.filter(pk=page.pk).update(
            summary=page.video.summary,
            questions=list(asked.values_list("text", flat=True)),
            expert_names=[name for name in names if name],
        )


class Migration(migrations.Migration):

    dependencies = [
        ("publishing", "0002_pages_keep_their_text"),
        ("planning", "0001_initial"),
        ("people", "0001_initial"),
    ]

    operations = [migrations.RunPython(keep, migrations.RunPython.noop)]
