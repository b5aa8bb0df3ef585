from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0007_lists_sort_as_people_do"),
    ]

    operations = [
        migrations.AlterField(
            model_name="user",
            name="email",
            field=models.EmailField(
                error_messages={"unique": "A user with this e-mail address already exists."},
                help_text="Only administrators change it.",
                max_length=254,
                unique=True,
                verbose_name="e-mail address",
            ),
        ),
        migrations.AlterField(
            model_name="invitation",
            name="is_superuser",
            field=models.BooleanField(
                default=False,
                help_text="Administrators may do everything. Only they manage users and settings.",
                verbose_name="administrator",
            ),
        ),
        migrations.AlterField(
            model_name="invitation",
            name="expires_at",
            field=models.DateTimeField(editable=False, verbose_name="valid until"),
        ),
    ]
