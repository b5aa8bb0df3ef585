"""What waits for somebody: one small rule for each kind of thing, and who is asked by it.

Every rule asks the room's own permission first, so that nobody is sent where they may not go.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from budgets.access import decides
from budgets.models import Estimate
from studio.mail.models import Mail
from studio.people.leaving import left_behind
from studio.people.models import User
from studio.people.roles import Role, roles_of
from videos.media.access import may_see_cuts
from videos.media.models import Cut, Job
from videos.planning.access import expert_of, may_plan_from_question
from videos.planning.addresses import question_url, shoot_url, video_url
from videos.planning.models import Question, Shoot, Stage, Video
from videos.review.access import waiting_for as cuts_waiting_for

SHOWN = 5  # things of one kind
SOON = dt.timedelta(days=14)
FRESH = dt.timedelta(days=2)
LOST = dt.timedelta(days=7)


@dataclass(frozen=True)
class Waiting:
    """One thing to do: `act` is the verb on its button, `why` says what stands behind it.

    `at` is the instant that matters (since when it waits, or when it is due).
    """

    text: str
    url: str
    icon: str
    act: str
    why: str
    at: dt.datetime | None = None
    urgent: bool = False


def produces(user: User) -> bool:
    """Whether uploading and publishing is the user's work."""
    return user.is_superuser or Role.PRODUCER in roles_of(user)


def cuts_to_review(user: User) -> Iterable[Waiting]:
    """Cuts that the user's word is asked for."""
    for cut in cuts_waiting_for(user)[:SHOWN]:
        yield Waiting(
            text=cut.video.title,
            url=reverse("review:cut", args=[cut.pk]),
            icon="glasses",
            act=_("Watch and decide"),
            why=_("Cut %(number)d waits for your word") % {"number": cut.number},
            at=cut.uploaded_at,
            urgent=True,
        )


def estimates_to_decide(user: User) -> Iterable[Waiting]:
    """Estimates that the user may greenlight; nobody greenlights what they wrote."""
    if not decides(user):
        return
    asked = Estimate.objects.to_be_greenlit_by(user)
    for estimate in asked.select_related("video", "requested_by").order_by("requested_at")[:SHOWN]:
        yield Waiting(
            text=estimate.video.title,
            url=f"{video_url(estimate.video)}#budget",
            icon="tick-inverse",
            act=_("Greenlight or decline"),
            why=_("%(who)s asks for an estimate to be greenlit") % {"who": estimate.requested_by},
            at=estimate.requested_at,
            urgent=True,
        )


def own_cuts(user: User) -> QuerySet[Cut]:
    """The newest cut of each video, where looking after it is the user's part.

    That is every producer's, and that of who uploaded it. A refused file is looked after until it
    is removed or a cut comes after it, and hides no cut before it.
    """
    later = Cut.objects.filter(video=OuterRef("video"), pk__gt=OuterRef("pk"))
    newer = later.exclude(state=Cut.State.REFUSED)
    cuts = Cut.objects.filter(~Exists(newer)).select_related("video").order_by("-uploaded_at")
    return cuts if produces(user) else cuts.filter(uploaded_by=user)


def failed_cuts(user: User) -> Iterable[Waiting]:
    """Newest cuts that could not be made ready."""
    if not may_see_cuts(user):
        return
    for cut in own_cuts(user).filter(state__in=[Cut.State.FAILED, Cut.State.REFUSED])[:SHOWN]:
        yield Waiting(
            text=cut.video.title,
            url=f"{video_url(cut.video)}#cuts",
            icon="warning",
            act=_("See why"),
            why=cut.reason,
            at=cut.uploaded_at,
            urgent=True,
        )


def fresh_cuts(user: User) -> Iterable[Waiting]:
    """Cuts that became ready to watch in the last days, for whoever waits for them."""
    if not may_see_cuts(user):
        return
    since = timezone.now() - FRESH
    theirs = own_cuts(user).filter(Q(video__producer=user) | Q(uploaded_by=user))
    fresh = Exists(Job.objects.filter(cut=OuterRef("pk"), kind="full", ended_at__gt=since))
    for cut in theirs.filter(fresh, state=Cut.State.READY, video__stage=Stage.REVIEW)[:SHOWN]:
        yield Waiting(
            text=cut.video.title,
            url=reverse("review:cut", args=[cut.pk]),
            icon="check",
            act=_("Watch it"),
            why=_("Cut %(number)d is ready to watch, and in review") % {"number": cut.number},
        )


def approved_videos(user: User) -> Iterable[Waiting]:
    """Videos that only need their page to go live."""
    if not produces(user):
        return
    for video in Video.objects.filter(stage=Stage.APPROVED).order_by("planned_for")[:SHOWN]:
        yield Waiting(
            text=video.title,
            url=f"{video_url(video)}#public-page",
            icon="globe",
            act=_("Publish"),
            why=_("The cut is approved"),
            urgent=True,
        )


def videos_to_shoot(user: User) -> Iterable[Waiting]:
    """Greenlit videos that nobody has booked time for: the expert's own, or anybody's."""
    if not user.has_perm("planning.add_shoot"):
        return
    videos = Video.objects.filter(stage=Stage.GREENLIT)
    if not user.has_perm("planning.change_shoot"):
        videos = videos.filter(experts__user=user)
    for video in videos.order_by("planned_for", "title")[:SHOWN]:
        yield Waiting(
            text=video.title,
            url=f"{reverse('planning_shoots:add')}?video={video.pk}",
            icon="calendar-alt",
            act=_("Book a shoot"),
            why=_("It is greenlit and has no shoot yet"),
        )


def shoots_to_confirm(user: User) -> Iterable[Waiting]:
    """Scheduled videos whose shoot is over."""
    if not user.has_perm("planning.move_video"):
        return
    over = Shoot.objects.filter(
        videos=OuterRef("pk"), cancelled_at__isnull=True, ends_at__lt=timezone.now()
    )
    for video in Video.objects.filter(Exists(over), stage=Stage.SCHEDULED)[:SHOWN]:
        yield Waiting(
            text=video.title,
            url=video_url(video),
            icon="media",
            act=_("Say that it was shot"),
            why=_("The time of its shoot is over"),
        )


def videos_to_cut(user: User) -> Iterable[Waiting]:
    """Videos that wait for footage."""
    if not produces(user):
        return
    videos = Video.objects.filter(stage__in=[Stage.SHOT, Stage.EDITING])
    for video in videos.order_by("planned_for", "title")[:SHOWN]:
        yield Waiting(
            text=video.title,
            url=f"{video_url(video)}#cuts",
            icon="upload",
            act=_("Upload a cut"),
            why=_("Shot, and not in review yet"),
        )


def own_shoots(user: User) -> Iterable[Waiting]:
    """The user's own shoots of the next two weeks."""
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
    """Buyers' questions that no video answers."""
    if not may_plan_from_question(user):
        return
    questions = Question.objects.filter(video__isnull=True).select_related("heard_by")
    for question in questions[:SHOWN]:
        yield Waiting(
            text=str(question),
            url=question_url(question),
            icon="help",
            act=_("Plan a video"),
            why=_("%(who)s heard it, and no video answers it") % {"who": question.heard_by},
            at=question.created_at,
        )


def people_who_left(user: User) -> Iterable[Waiting]:
    """Deactivated colleagues on whom something hangs still, for administrators."""
    if not user.is_superuser:
        return
    for leaver in list(left_behind())[:SHOWN]:
        yield Waiting(
            text=str(leaver),
            url=reverse("people_leaving", args=[leaver.pk]),
            icon="user",
            act=_("Choose who takes over"),
            why=_("They left, and things hang on them still"),
            urgent=True,
        )


def undelivered_mails(user: User) -> Iterable[Waiting]:
    """Mails of the last days that nobody will get, for whoever looks after the studio."""
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
            url=reverse("undelivered_mails"),
            icon="mail",
            act=_("See why"),
            why=_("The mail server refused it, or was away for days"),
            at=newest.ended_at,
        )


RULES: tuple[Callable[[User], Iterable[Waiting]], ...] = (
    people_who_left,
    failed_cuts,
    cuts_to_review,
    estimates_to_decide,
    approved_videos,
    fresh_cuts,
    own_shoots,
    shoots_to_confirm,
    videos_to_shoot,
    videos_to_cut,
    open_questions,
    undelivered_mails,
)


def waiting_for(user: User) -> list[Waiting]:
    """Everything that waits for the user: urgent things first, then in the order of RULES."""
    found = [item for rule in RULES for item in islice(rule(user), SHOWN)]
    return sorted(found, key=lambda item: not item.urgent)
