"""What runs by itself, as rows of django-q2."""

from django_q.models import Schedule


def every(minutes: int, name: str, function: str, using: str = "default") -> None:
    """Keeps one schedule of this name that calls `function` each so many minutes.

    Twice changes nothing.
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
