from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("deals", "0006_name_the_clash_of_two_rates"),
    ]

    operations = [
        migrations.AddField(
            model_name="deal",
            name="first_close_recorded_at",
            field=models.DateTimeField(
                editable=False,
                help_text="When this studio first recorded any close of the deal.",
                null=True,
                verbose_name="first close recorded",
            ),
        ),
    ]
