"""Schedules of django-q2."""

from django_q.models import Schedule


def every(minutes: int, name: str, function: str, using: str = "default") -> None:
    """Create or update the schedule that calls `function` at this interval.

    Calling it again changes nothing.
    """
    Schedule.objects.using(using).update_or_create(
        name=name,
        defaults={
            "func": function,
            "schedule_type": Schedule.MINUTES,
            "minutes": minutes,
            "kwargs": "{'q_options': {'save': False}}",
        },
    )
