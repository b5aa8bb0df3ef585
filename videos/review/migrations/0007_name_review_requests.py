"""`Asked` becomes `ReviewRequest`, and a verdict's `told_at` becomes `notified_at`.

Table and column keep their names, so that nothing changes in the database but the name of the
content type, which Django renames after `RenameModel`.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("review", "0006_playbacks"),
    ]

    operations = [
        migrations.AlterField(
            model_name="verdict",
            name="told_at",
            field=models.DateTimeField(
                db_column="told_at", editable=False, null=True, verbose_name="producer notified"
            ),
        ),
        migrations.RenameField(
            model_name="verdict", old_name="told_at", new_name="notified_at"
        ),
        migrations.AlterModelTable(name="asked", table="review_asked"),
        migrations.RenameModel(old_name="Asked", new_name="ReviewRequest"),
        migrations.AlterField(
            model_name="reviewrequest",
            name="cut",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="review_requests",
                to="media.cut",
            ),
        ),
        migrations.AlterModelOptions(
            name="reviewrequest",
            options={
                "ordering": ["at", "pk"],
                "verbose_name": "review request",
                "verbose_name_plural": "review requests",
            },
        ),
    ]
