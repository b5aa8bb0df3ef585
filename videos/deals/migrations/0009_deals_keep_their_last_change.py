import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("deals", "0008_first_closes_are_on_record"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="deal",
            name="changed_at",
            field=models.DateTimeField(
                editable=False,
                help_text="When its amount, currency, owner or creation last changed in this studio.",
                null=True,
                verbose_name="changed",
            ),
        ),
        migrations.AddField(
            model_name="deal",
            name="changed_by",
            field=models.ForeignKey(
                editable=False,
                help_text="Nobody for an import.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="changed by",
            ),
        ),
    ]
