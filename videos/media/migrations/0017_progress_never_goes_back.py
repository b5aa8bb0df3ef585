from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("media", "0016_captions_inside")]

    operations = [
        migrations.AddField(
            model_name="job",
            name="progress_before",
            field=models.FloatField(
                db_default=0,
                default=0,
                editable=False,
                help_text="How far it was when the work began anew.",
                verbose_name="progress before",
            ),
        ),
        migrations.AlterField(
            model_name="job",
            name="progress",
            field=models.FloatField(
                default=0,
                help_text="From 0 to 1. It never goes back.",
                verbose_name="progress",
            ),
        ),
    ]
