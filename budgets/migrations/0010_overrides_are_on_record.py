"""Overrides and closed periods of before are in the log, as those from now on are."""

from django.db import migrations

ACTIONS = ["budgets.override", "budgets.close_period"]


def record(apps, schema_editor):
    Entry = apps.get_model("budgets", "Entry")
    Period = apps.get_model("budgets", "Period")
    overrides = Entry.objects.exclude(override_reason="").select_related("line__budget", "video")
    for entry in overrides.select_related("line__period").order_by("pk"):
        log(
            apps,
            entry.line,
            f"{entry.line.name} ({entry.line.period.code})",
            "budgets.override",
            entry.by_id,
            entry.posted_at,
            {
                "entry": entry.pk,
                "video": entry.video.title if entry.video else "",
                "minor": entry.minor,
                "available": available_after(Entry, entry),
                "currency": entry.line.budget.currency,
                "reason": entry.override_reason,
            },
        )
    for period in Period.objects.exclude(closed_at=None).order_by("pk"):
        label = f"{period.code} · {period.name}" if period.name else period.code
        log(apps, period, label, "budgets.close_period", period.closed_by_id, period.closed_at, {})


def available_after(Entry, entry):
    """What the line had when the entry was posted."""
    posted = Entry.objects.filter(line=entry.line_id, pk__lte=entry.pk).order_by()
    return sum(
        minor if kind == "approval" else drawn - minor
        for kind, minor, drawn in posted.values_list("kind", "minor", "drawn")
    )


def log(apps, row, label, action, user, at, data):
    ContentType = apps.get_model("contenttypes", "ContentType")
    kind, _is_new = ContentType.objects.get_or_create(
        app_label="budgets", model=row._meta.model_name
    )
    apps.get_model("wagtailcore", "ModelLogEntry").objects.create(
        content_type_id=kind.pk,
        object_id=str(row.pk),
        label=label,
        action=action,
        user_id=user,
        timestamp=at,
        data=data,
    )


def forget(apps, schema_editor):
    apps.get_model("wagtailcore", "ModelLogEntry").objects.filter(action__in=ACTIONS).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("budgets", "0009_lists_sort_as_people_do"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("wagtailcore", "0098_apitoken"),
    ]
    operations = [migrations.RunPython(record, forget)]
