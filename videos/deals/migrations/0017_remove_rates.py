from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("deals", "0016_copy_rates_to_their_own_app"),
    ]

    operations = [
        migrations.DeleteModel(name="Rate"),
    ]
