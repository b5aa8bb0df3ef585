import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("audience", "0009_share_links_keep_when_their_rep_was_told"),
        ("deals", "0012_imports_in_the_browser"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="dealcontact",
            name="imported",
            field=models.BooleanField(
                default=False,
                editable=False,
                help_text="Whether the CRM named it.",
                verbose_name="imported",
            ),
        ),
        migrations.CreateModel(
            name="Correction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("name", "Name"),
                            ("company", "Company"),
                            ("owner", "Owner"),
                            ("stage", "Sales stage"),
                            ("amount", "Amount"),
                            ("created_at", "Created"),
                            ("email", "E-mail address"),
                            ("domain", "Domain"),
                        ],
                        max_length=10,
                        verbose_name="what",
                    ),
                ),
                (
                    "crm",
                    models.JSONField(
                        help_text="Texts, as `corrections.py` writes them.",
                        verbose_name="in the CRM",
                    ),
                ),
                ("ours", models.JSONField(verbose_name="corrected to")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="at")),
                ("overruled_at", models.DateTimeField(null=True, verbose_name="CRM changed at")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "deal",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="corrections",
                        to="deals.deal",
                        verbose_name="deal",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="corrections",
                        to="audience.contact",
                        verbose_name="contact",
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="corrections",
                        to="audience.company",
                        verbose_name="company",
                    ),
                ),
            ],
            options={
                "verbose_name": "correction",
                "verbose_name_plural": "corrections",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("deal", "what"), name="deals_correction_once"),
                    models.UniqueConstraint(fields=("contact", "what"), name="deals_contact_once"),
                    models.UniqueConstraint(fields=("company", "what"), name="deals_company_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("company", None), ("contact", None), ("deal__isnull", False)
                        )
                        | models.Q(("company", None), ("contact__isnull", False), ("deal", None))
                        | models.Q(("company__isnull", False), ("contact", None), ("deal", None)),
                        name="deals_correction_of_one_row",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RemovedPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("role", models.CharField(blank=True, max_length=255, verbose_name="role")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="at")),
                (
                    "new_role",
                    models.CharField(blank=True, max_length=255, verbose_name="role since"),
                ),
                ("overruled_at", models.DateTimeField(null=True, verbose_name="CRM changed at")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="removed_parts",
                        to="audience.contact",
                        verbose_name="contact",
                    ),
                ),
                (
                    "deal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="removed_parts",
                        to="deals.deal",
                        verbose_name="deal",
                    ),
                ),
            ],
            options={
                "verbose_name": "removed contact of a deal",
                "verbose_name_plural": "removed contacts of deals",
                "ordering": ["deal", "contact", "role"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("deal", "contact", "role"), name="deals_removed_part_once"
                    )
                ],
            },
        ),
    ]
