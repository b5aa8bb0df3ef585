from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("audience", "0007_old_views_are_judged"),
    ]

    operations = [
        migrations.DeleteModel(
            name="Beacon",
        ),
    ]
