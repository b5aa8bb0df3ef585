"""A user's tasks on the home page: one rule per kind of task.

Each rule checks the room's permissions first, so that nobody is sent to a page they cannot open.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from studio.mail.models import Mail
from studio.people.leaving import left_behind
from studio.people.models import User
from videos.planning.access import expert_of, may_plan_from_question
from videos.planning.models import Question, Stage
from videos.planning.next_step.actions import Action
from videos.planning.next_step.loading import access_of, next_steps, pending_videos
from videos.planning.pictures import pictures_of
from videos.planning.urls_for import question_url, shoot_url, video_url

SHOWN = 5  # tasks per kind
MOST = 500  # videos examined
SOON = dt.timedelta(days=14)
LOST = dt.timedelta(days=7)


@dataclass(frozen=True)
class Waiting:
    """One task: `act` is the label of its button, `why` explains it.

    `at` is since when it waits, or when it is due. With `post`, the button does it at once. `page`
    has the details of `text`, and `picture` is the small poster.
    """

    text: str
    url: str
    icon: str
    act: str
    why: str
    at: dt.datetime | None = None
    urgent: bool = False
    post: bool = False
    picture: str | None = None
    page: str = ""

    @property
    def button(self) -> Action:
        """The URL of the button."""
        return Action(self.act, self.url, self.icon, self.post)


def next_steps_of_videos(user: User) -> Iterable[Waiting]:
    """Videos whose next step is the user's, according to videos.planning.next_step.

    Those closest to publication come first, then those planned for an earlier day.
    """
    user_access = access_of(user)
    videos = pending_videos().select_related("producer")
    earliest = videos.order_by(F("planned_for").asc(nulls_last=True), "title", "pk")[:MOST]
    found = next_steps(earliest)
    mine = [video for video in earliest if found[video.pk].is_assigned_to(user_access)]
    mine.sort(key=lambda video: -list(Stage).index(Stage(video.stage)))
    kinds = Counter[str]()
    shown = []
    for video in mine:
        item, offer = found[video.pk].offer_for(user_access) or (None, None)
        assert item
        assert offer
        kinds[offer.action.label] += 1
        if kinds[offer.action.label] <= SHOWN:
            shown.append((video, item, offer))
    pictures = pictures_of([video for video, _wait, _offer in shown])
    for video, item, offer in shown:
        yield Waiting(
            text=video.title,
            url=offer.action.url,
            icon=offer.action.icon,
            act=offer.action.label,
            post=offer.action.post,
            why=" ".join(filter(None, [found[video.pk].sentence, item.detail])),
            at=item.since,
            urgent=offer.urgent,
            picture=pictures.get(video.pk, ""),
            page=video_url(video),
        )


def own_shoots(user: User) -> Iterable[Waiting]:
    """The user's shoots in the next two weeks."""
    expert = expert_of(user)
    if not expert:
        return
    now = timezone.now()
    coming = expert.shoots.filter(
        cancelled_at__isnull=True, ends_at__gt=now, starts_at__lt=now + SOON
    )
    for shoot in coming.prefetch_related("videos").order_by("starts_at")[:SHOWN]:
        yield Waiting(
            text=", ".join(video.title for video in shoot.videos.all()),
            url=shoot_url(shoot),
            icon="media",
            act=_("Open the shoot"),
            why=_("You are on camera"),
            at=shoot.starts_at,
        )


def open_questions(user: User) -> Iterable[Waiting]:
    """Buyers' questions without a video."""
    if not may_plan_from_question(user):
        return
    questions = Question.objects.filter(video__isnull=True).select_related("heard_by")
    for question in questions[:SHOWN]:
        yield Waiting(
            text=str(question),
            url=question_url(question),
            icon="help",
            act=_("Plan a video"),
            why=_("%(who)s heard it, and no video answers it yet") % {"who": question.heard_by},
            at=question.created_at,
        )


def people_who_left(user: User) -> Iterable[Waiting]:
    """Deactivated users who are still responsible for something, for administrators."""
    if not user.is_superuser:
        return
    for leaver in list(left_behind())[:SHOWN]:
        yield Waiting(
            text=str(leaver),
            url=reverse("people_leaving", args=[leaver.pk]),
            icon="user",
            act=_("Choose who takes over"),
            why=_("They were deactivated, but are still responsible for something"),
            urgent=True,
        )


def undelivered_mails(user: User) -> Iterable[Waiting]:
    """Undelivered mails of the last days, for administrators."""
    if not user.is_superuser:
        return
    lost = Mail.objects.undelivered().filter(ended_at__gt=timezone.now() - LOST)
    if newest := lost.order_by("-ended_at").first():
        count = lost.count()
        yield Waiting(
            text=ngettext(
                "%(count)d mail was not delivered", "%(count)d mails were not delivered", count
            )
            % {"count": count},
            url=reverse("mail_undelivered"),
            icon="mail",
            act=_("See why"),
            why=_("The mail server refused it, or could not be reached for days"),
            at=newest.ended_at,
        )


RULES: tuple[Callable[[User], Iterable[Waiting]], ...] = (
    people_who_left,
    own_shoots,
    next_steps_of_videos,
    open_questions,
    undelivered_mails,
)


def waiting_for(user: User) -> list[Waiting]:
    """Return the user's tasks: urgent ones first, then in the order of RULES."""
    found = [item for rule in RULES for item in rule(user)]
    return sorted(found, key=lambda item: not item.urgent)
