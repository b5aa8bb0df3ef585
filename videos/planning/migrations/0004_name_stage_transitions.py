"""`Move` becomes `StageTransition`, `was` and `now` become `from_stage` and `to_stage`.

Table and columns keep their names, so that nothing changes in the database but the name of the
content type, which Django renames after `RenameModel`.
"""

import django.db.models.deletion
from django.db import migrations, models

STAGES = [
    ("idea", "Idea"),
    ("planned", "Planned"),
    ("greenlit", "Greenlit"),
    ("scheduled", "Scheduled"),
    ("shot", "Shot"),
    ("editing", "Editing"),
    ("review", "In review"),
    ("approved", "Approved"),
    ("published", "Published"),
    ("retired", "Retired"),
    ("cancelled", "Cancelled"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("planning", "0003_lists_sort_as_people_do"),
    ]

    operations = [
        migrations.AlterModelTable(name="move", table="planning_move"),
        migrations.AlterField(
            model_name="move",
            name="was",
            field=models.CharField(choices=STAGES, db_column="was", max_length=12, verbose_name="from"),
        ),
        migrations.AlterField(
            model_name="move",
            name="now",
            field=models.CharField(choices=STAGES, db_column="now", max_length=12, verbose_name="to"),
        ),
        migrations.RenameModel(old_name="Move", new_name="StageTransition"),
        migrations.RenameField(model_name="stagetransition", old_name="was", new_name="from_stage"),
        migrations.RenameField(model_name="stagetransition", old_name="now", new_name="to_stage"),
        migrations.AlterField(
            model_name="stagetransition",
            name="room",
            field=models.CharField(max_length=20, verbose_name="made by"),
        ),
        migrations.AlterField(
            model_name="stagetransition",
            name="video",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="transitions",
                to="planning.video",
            ),
        ),
        migrations.AlterModelOptions(
            name="stagetransition",
            options={
                "ordering": ["at", "pk"],
                "verbose_name": "stage transition",
                "verbose_name_plural": "stage transitions",
            },
        ),
    ]
