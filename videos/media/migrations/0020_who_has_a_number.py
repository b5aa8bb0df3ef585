from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("media", "0019_going_back_gives_numbers")]

    operations = [
        migrations.AddConstraint(
            model_name="cut",
            constraint=models.CheckConstraint(
                condition=~Q(state="ready") | Q(number__isnull=False),
                name="media_ready_cut_has_a_number",
            ),
        ),
    ]
