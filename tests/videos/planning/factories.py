"""What the tests of planning book."""

import datetime as dt
from typing import Any

from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils import timezone

from studio.people.models import User
from studio.people.roles import Role
from tests.factories import ExpertFactory, UserFactory, VideoFactory
from videos.planning import shoots
from videos.planning.models import Shoot, Stage

HOME = reverse_lazy("wagtailadmin_home")
HOUR = dt.timedelta(hours=1)


def tomorrow(hour: int = 10) -> dt.datetime:
    """A full hour of tomorrow in UTC."""
    now = timezone.now().astimezone(dt.UTC)
    return now.replace(hour=hour, minute=0, second=0, microsecond=0) + dt.timedelta(days=1)


def booked(*, at: dt.datetime | None = None, by: User | None = None, **fields: Any) -> Shoot:
    """A shoot booked through the front door: half an hour, one greenlit video, one expert."""
    starts_at = at or tomorrow()
    return shoots.book(
        **{
            "videos": [VideoFactory(stage=Stage.GREENLIT)],
            "experts": [ExpertFactory()],
            "starts_at": starts_at,
            "ends_at": starts_at + HOUR / 2,
            **fields,
        },
        by=by or UserFactory(role=Role.PRODUCER),
    )


def is_forbidden(answer: HttpResponse) -> bool:
    """Whether Wagtail turned the user away: it leads home, with a message."""
    return answer.status_code == 302 and answer["Location"] == HOME
