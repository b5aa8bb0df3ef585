"""Who asked for an estimate is the one writer of it that is known."""

from django.db import migrations


def record(apps, schema_editor):
    Estimate = apps.get_model("budgets", "Estimate")
    EstimateWriter = apps.get_model("budgets", "EstimateWriter")
    EstimateWriter.objects.bulk_create(
        EstimateWriter(estimate_id=estimate, user_id=user)
        for estimate, user in Estimate.objects.values_list("pk", "requested_by")
    )


def forget(apps, schema_editor):
    apps.get_model("budgets", "EstimateWriter").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("budgets", "0005_writers_of_estimates")]
    operations = [migrations.RunPython(record, forget)]
