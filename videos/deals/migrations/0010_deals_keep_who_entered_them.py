import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("deals", "0009_deals_keep_their_last_change"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="deal",
            name="recorded_at",
            field=models.DateTimeField(
                editable=False,
                help_text="When this studio first recorded the deal.",
                null=True,
                verbose_name="recorded",
            ),
        ),
        # A default of its own, so that of the deals that are there it stays unknown.
        migrations.AlterField(
            model_name="deal",
            name="recorded_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now,
                editable=False,
                help_text="When this studio first recorded the deal.",
                null=True,
                verbose_name="recorded",
            ),
        ),
        migrations.AddField(
            model_name="deal",
            name="entered_by",
            field=models.ForeignKey(
                editable=False,
                help_text="Who entered it by hand; nobody for an import.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="entered by",
            ),
        ),
    ]
