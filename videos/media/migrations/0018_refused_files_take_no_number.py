from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("media", "0017_progress_never_goes_back")]

    operations = [
        migrations.AlterModelOptions(
            name="cut",
            options={
                "ordering": [
                    "video",
                    models.OrderBy(models.F("number"), descending=True, nulls_last=True),
                    "-pk",
                ],
                "verbose_name": "cut",
                "verbose_name_plural": "cuts",
            },
        ),
        migrations.AddField(
            model_name="cut",
            name="removed_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="removed"),
        ),
        migrations.AlterField(
            model_name="cut",
            name="number",
            field=models.PositiveIntegerField(
                editable=False,
                help_text="Empty: nobody has looked into the file yet, or it was refused.",
                null=True,
                verbose_name="version",
            ),
        ),
    ]
