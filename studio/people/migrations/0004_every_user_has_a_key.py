from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("people", "0003_key_the_users"),
    ]

    operations = [
        migrations.AlterField(
            model_name="user",
            name="email_key",
            field=models.CharField(editable=False, max_length=255, unique=True),
        ),
    ]
