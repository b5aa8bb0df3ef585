"""The rules for the next step of a video: what it is waiting for, who can act, and how.

Pure functions on a `VideoState`; `loading.py` loads it. All screens and mails use these rules.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from studio.clock import instant_text
from videos.planning.models import Stage
from videos.planning.next_step.actions import Action, ActionOffer, Assignees, NextStep, PendingItem
from videos.planning.next_step.progress import ACTIVE_STAGES, PUBLIC_STAGES
from videos.planning.next_step.states import (
    PRODUCER_PERMISSION,
    EstimateState,
    FileState,
    ReviewState,
    VideoState,
)

# Who publishes has it by the rights to Wagtail's pages, which are no permissions of a model
PUBLISH_PERMISSION = "publishing.publish"


def next_step(state: VideoState) -> NextStep:
    """The next step of a video."""
    if state.imported and state.page is None:
        return NextStep(state.stage, (imported(state),))
    rules = (RULES[state.stage], later_estimate, due_page)
    return NextStep(state.stage, tuple(item for rule in rules for item in rule(state)))


def imported(state: VideoState) -> PendingItem:
    """Nothing to do for a video that was made elsewhere."""
    return PendingItem(_("This video was imported with its views. There is nothing to do."))


def idea(state: VideoState) -> Iterable[PendingItem]:
    """Somebody adds what is missing, then plans it."""
    if state.missing:
        action = Action(_("Add what is missing"), state.links["edit"], "edit")
        others = (Assignees(permission="planning.change_video"),)
        yield PendingItem(state.missing, (ActionOffer(action, state.producers(), others),))
        return
    action = Action(_("Plan this video"), state.links["plan"], "calendar-alt", post=True)
    others = (Assignees(permission="planning.plan_video"),)
    sentence = _("It is ready to be planned. Waiting for %(who)s to plan it.") % {"who": state.who}
    yield PendingItem(sentence, (ActionOffer(action, state.producers(), others),))


def planned(state: VideoState) -> Iterable[PendingItem]:
    """A producer asks for the money, and finance decides."""
    estimate, who = state.estimate, {"who": state.who}
    if estimate is None:
        yield PendingItem(_("Waiting for a cost estimate."))
        return
    if estimate.state == "requested":
        yield estimate_decision(estimate, _("Waiting for finance to greenlight the estimate."))
        return
    asks = "budgets.request_estimate"
    sentence, label = {
        "none": (_("Waiting for %(who)s to estimate the cost."), _("Estimate the cost")),
        "draft": (
            _("Waiting for %(who)s to finish the estimate and request the greenlight."),
            _("Finish the estimate"),
        ),
        "declined": (
            _("Finance declined the estimate. Waiting for %(who)s to write a new one."),
            _("Write a new estimate"),
        ),
    }[estimate.state]
    action = Action(label, estimate.ask_url, "form")
    offer = ActionOffer(action, state.producers(asks), (Assignees(permission=asks),))
    yield PendingItem(sentence % who, (offer,), since=estimate.since)


def later_estimate(state: VideoState) -> Iterable[PendingItem]:
    """Finance decides on an estimate that came after the greenlight."""
    estimate = state.estimate
    if state.stage in (Stage.IDEA, Stage.PLANNED, Stage.CANCELLED):
        return
    if estimate and estimate.state == "requested":
        yield estimate_decision(estimate, _("Waiting for finance to greenlight more money."))


def due_page(state: VideoState) -> Iterable[PendingItem]:
    """A page was given its time before a cut is approved."""
    page = state.page
    is_early = state.stage in ACTIVE_STAGES and state.stage != Stage.APPROVED
    if is_early and page and page.goes_live_at:
        words = {"when": when_text(page.goes_live_at)}
        yield PendingItem(_("Its page is scheduled to go live on %(when)s.") % words)


def estimate_decision(estimate: EstimateState, sentence: str) -> PendingItem:
    """Somebody of finance who did not write an estimate decides on it."""
    action = Action(_("Greenlight or decline"), estimate.decide_url, "tick-inverse")
    finance = (Assignees(permission="budgets.greenlight_estimate", excluded=estimate.writers),)
    return PendingItem(sentence, (ActionOffer(action, finance, urgent=True),), since=estimate.since)


def greenlit(state: VideoState) -> Iterable[PendingItem]:
    """An expert on camera books a shoot, or somebody does it for them."""
    experts = state.experts
    names = get_text_list([person.name for person in experts], _("and"))
    action = Action(_("Book a shoot"), state.links["book"], "calendar-alt")
    assigned = (
        Assignees(experts, "planning.add_shoot"),
        Assignees(permission="planning.change_shoot"),
    )
    sentence = (
        _("Waiting for a shoot with %(names)s to be booked.") % {"names": names}
        if names
        else _("Waiting for a shoot to be booked.")
    )
    yield PendingItem(
        sentence, (ActionOffer(action, assigned, (Assignees(permission="planning.add_shoot"),)),)
    )


def scheduled(state: VideoState) -> Iterable[PendingItem]:
    """The day of the shoot comes, then somebody says that it was shot."""
    booking = state.booking
    if booking is None:
        yield from greenlit(state)
        return
    action = Action(_("Mark as shot"), state.links["shot"], "check", post=True)
    allowed = (Assignees(permission=PRODUCER_PERMISSION),)
    if booking.starts_at > state.now:
        there = Action(_("Open the shoot"), booking.url, "media")
        offers = [ActionOffer(there, others=(Assignees(booking.people, "planning.view_shoot"),))]
        if booking.has_begun:
            offers.append(ActionOffer(action, others=allowed))
        yield PendingItem(_("The shoot is on %(when)s.") % {"when": booking.when}, tuple(offers))
        return
    if booking.ends_at > state.now:
        sentence = _("The shoot is taking place now: %(when)s.") % {"when": booking.when}
        yield PendingItem(sentence, (ActionOffer(action, others=allowed),))
        return
    sentence = _("The shoot is over. Waiting for %(who)s to mark the video as shot.")
    offer = ActionOffer(action, state.producers(), allowed)
    yield PendingItem(sentence % {"who": state.who}, (offer,), since=booking.ends_at)


def shot(state: VideoState) -> Iterable[PendingItem]:
    """A producer edits it, unless a cut is on its way already."""
    if items := list(files(state)):
        yield from items
        return
    action = Action(_("Start editing"), state.links["editing"], "cut", post=True)
    sentence = _("Waiting for %(who)s to edit it.") % {"who": state.who}
    yield PendingItem(
        sentence,
        (ActionOffer(action, state.producers(), (Assignees(permission=PRODUCER_PERMISSION),)),),
    )


def editing(state: VideoState) -> Iterable[PendingItem]:
    """A producer uploads a cut, and the studio makes it ready."""
    if items := list(files(state)):
        yield from items
        return
    yield new_cut(state)


def new_cut(state: VideoState) -> PendingItem:
    """A producer uploads a cut: the first one, or one with the changes that were asked for."""
    review, words = state.review, {"who": state.who}
    sentence = _("Waiting for %(who)s to upload a cut.")
    if review and review.state == "changes":
        words |= {"judge": review.reviewer, "number": str(review.number)}
        sentence = _(
            "%(judge)s requested changes to cut %(number)s."
            " Waiting for %(who)s to upload a new cut."
        )
    since = review.since if review else None
    return PendingItem(sentence % words, (upload(state, _("Upload a cut")),), since=since)


def upload(state: VideoState, label: str, *, urgent: bool = False) -> ActionOffer:
    """A file is sent to the video, by its producer, another one, or an expert on camera."""
    others = (Assignees(permission="media.change_cut"), Assignees(state.experts, "media.add_cut"))
    action = Action(label, state.links["cuts"], "upload")
    return ActionOffer(action, state.producers("media.change_cut"), others, urgent=urgent)


def files(state: VideoState) -> Iterable[PendingItem]:
    """What is on its way to be watched, and what came to nothing."""
    for file in state.files:
        yield FILE_RULES[file.state](state, file)


def uploading(state: VideoState, file: FileState) -> PendingItem:
    """Somebody sends a file."""
    sentence = _("%(who)s is uploading “%(file)s”.")
    action = Action(_("Go to the upload"), file.url, "upload")
    offer = ActionOffer(action, others=(Assignees((file.by,), "media.view_cut"),))
    return PendingItem(sentence % {"who": file.by.name, "file": file.name}, (offer,))


def stopped(state: VideoState, file: FileState) -> PendingItem:
    """Somebody's upload has broken off, and only they can go on with it."""
    sentence = _("The upload of “%(file)s” has stopped. Waiting for %(who)s to continue it.")
    action = Action(_("Continue the upload"), file.url, "upload")
    offer = ActionOffer(action, (Assignees((file.by,), "media.view_cut"),))
    words = {"who": file.by.name, "file": file.name}
    return PendingItem(sentence % words, (offer,), since=file.since)


def processing(state: VideoState, file: FileState) -> PendingItem:
    """The studio makes a cut ready, and nobody needs to do anything."""
    sentence = (
        _("The studio is preparing %(cut)s. It will then go to review automatically.")
        if state.stage not in PUBLIC_STAGES
        else _("The studio is preparing %(cut)s. Viewers keep the current one.")
    )
    return PendingItem(sentence % {"cut": file.name})


def failed(state: VideoState, file: FileState) -> PendingItem:
    """A cut came to nothing, and a producer or who uploaded it looks into it."""
    sentence = _("%(cut)s could not be made ready to watch. Waiting for %(who)s to look into it.")
    action = Action(_("See why"), file.url, "warning")
    return failure(
        state, file, sentence, ActionOffer(action, others=(Assignees(permission="media.view_cut"),))
    )


def refused(state: VideoState, file: FileState) -> PendingItem:
    """A file is none that can be watched, so that another one is needed."""
    sentence = _("The file %(cut)s was refused. Waiting for %(who)s to upload another one.")
    return failure(state, file, sentence, upload(state, _("Upload another file")))


def cancelled_cut(state: VideoState, file: FileState) -> PendingItem:
    """Somebody stopped the work on a cut."""
    sentence = _("Processing of %(cut)s was cancelled. Waiting for %(who)s to upload a cut.")
    words = {"cut": file.name, "who": state.who}
    return PendingItem(sentence % words, (upload(state, _("Upload a cut")),), since=file.since)


def failure(state: VideoState, file: FileState, sentence: str, offer: ActionOffer) -> PendingItem:
    """What came to nothing waits for a producer, and for who uploaded it."""
    assigned = (*state.producers("media.view_cut"), Assignees((file.by,), "media.view_cut"))
    words = {"cut": file.name[:1].upper() + file.name[1:], "who": state.who}
    urgent = ActionOffer(offer.action, assigned, offer.others, urgent=True)
    return PendingItem(sentence % words, (urgent,), detail=file.reason, since=file.since)


def in_review(state: VideoState) -> Iterable[PendingItem]:
    """Somebody watches the newest cut and decides."""
    if state.review is None:
        yield from editing(state)
        return
    yield review_of_cut(state, state.review)
    yield from files(state)


def review_of_cut(state: VideoState, review: ReviewState) -> PendingItem:
    """An expert on camera or a sales manager decides on the newest cut that can be watched."""
    excluded = frozenset({review.uploader}) if review.uploader else frozenset()
    assigned = (
        Assignees(review.reviewers, "review.review_cut", excluded),
        Assignees(permission="review.review_any_cut", excluded=excluded),
    )
    names = [person.name for person in review.reviewers if person.pk not in excluded]
    words = {
        "who": get_text_list([*names, _("a sales manager")], _("or")),
        "number": review.number,
        "comments": review.open_comments,
    }
    number = {"number": review.number}
    offers = (
        ActionOffer(Action(_("Watch and review"), review.url, "glasses"), assigned, urgent=True),
        ActionOffer(
            Action(_("Watch cut %(number)d") % number, review.url, "glasses"),
            others=(Assignees(permission="review.view_verdict"),),
        ),
    )
    if not review.has_reviewers:
        sentence = _(
            "Nobody can approve cut %(number)d. Add an expert on camera, or give somebody the role"
            " “Sales manager”."
        )
        return PendingItem(sentence % words, offers, since=review.since)
    sentence = _("Waiting for %(who)s to review cut %(number)d.") % words
    if review.open_comments:
        sentence += " " + (
            ngettext(
                "One comment is open.", "%(comments)d comments are open.", review.open_comments
            )
            % words
        )
    return PendingItem(sentence, offers, since=review.since)


def approved(state: VideoState) -> Iterable[PendingItem]:
    """A producer publishes it, or it goes live by itself."""
    page = state.page
    if page and page.goes_live_at:
        yield PendingItem(go_live_sentence(page.goes_live_at))
    elif page and not page.exists:
        action = Action(_("Create the public page"), page.create_url, "globe", post=True)
        sentence = _("It is approved. Waiting for %(who)s to create its public page.")
        yield page_action(state, action, sentence)
    else:
        action = Action(_("Publish"), page.url if page else state.links["video"], "globe")
        yield page_action(state, action, _("It is approved. Waiting for %(who)s to publish it."))
    yield from files(state)


def when_text(at: dt.datetime) -> str:
    """Day of the week, day and time on the studio's clock."""
    return instant_text(at, _("D j M Y, H:i"))


def go_live_sentence(at: dt.datetime) -> str:
    """When a page goes live by itself."""
    return _("It goes live automatically on %(when)s.") % {"when": when_text(at)}


def page_action(
    state: VideoState, action: Action, sentence: str, words: Mapping[str, object] | None = None
) -> PendingItem:
    """Its producer, or anybody who may, does something to the public page."""
    offer = ActionOffer(
        action,
        state.producers(PUBLISH_PERMISSION),
        (Assignees(permission=PUBLISH_PERMISSION),),
        urgent=True,
    )
    return PendingItem(sentence % {"who": state.who, **(words or {})}, (offer,))


def published(state: VideoState) -> Iterable[PendingItem]:
    """It is public. A newer cut may be awaited, or wait."""
    page = state.page
    said = _("It is published.")
    if page and page.expires_at:
        said = _("It is published, and will be taken down automatically on %(when)s.")
        said %= {"when": when_text(page.expires_at)}
    if page and page.live and page.goes_live_at:
        said += " " + _("Changes to its page go live automatically on %(when)s.") % {
            "when": when_text(page.goes_live_at)
        }
    offers: tuple[ActionOffer, ...] = ()
    if audience := state.audience:
        action = Action(_("Send to a prospect"), audience.share_url, "mail")
        offers = (ActionOffer(action, others=(Assignees(permission="audience.add_sharelink"),)),)
    yield PendingItem(said, offers)
    yield from does_not_play(state)
    yield from newer_cut(state)


def does_not_play(state: VideoState) -> Iterable[PendingItem]:
    """Viewers reported it, and a producer looks into it."""
    audience = state.audience
    if audience and audience.problem_url:
        action = Action(_("See what viewers report"), audience.problem_url, "warning")
        assigned = state.producers("audience.change_playbackproblem")
        sentence = _("Viewers report that it does not play. Waiting for %(who)s to look into it.")
        offer = ActionOffer(action, assigned, urgent=True)
        yield PendingItem(sentence % {"who": state.who}, (offer,))


def retired(state: VideoState) -> Iterable[PendingItem]:
    """It was public, and may be again."""
    page = state.page
    offers: tuple[ActionOffer, ...] = ()
    if page and page.exists and not page.goes_live_at:
        action = Action(_("Publish it again"), page.url, "globe")
        offers = (ActionOffer(action, others=(Assignees(permission=PUBLISH_PERMISSION),)),)
    yield PendingItem(_("It was retired and is no longer public."), offers)
    if page and page.goes_live_at:
        yield PendingItem(go_live_sentence(page.goes_live_at))
    yield from newer_cut(state)


def newer_cut(state: VideoState) -> Iterable[PendingItem]:
    """What is awaited of a cut that viewers do not have yet."""
    page, review = state.page, state.review
    if review and review.state == "waiting":
        yield review_of_cut(state, review)
    elif review and review.state == "changes":
        yield new_cut(state)
    elif page and page.live and page.approved_number and not page.is_older:
        action = Action(
            _("Publish cut %(number)d") % {"number": page.approved_number}, page.url, "globe"
        )
        sentence = _("Cut %(number)d is approved. Waiting for %(who)s to publish it.")
        yield page_action(state, action, sentence, {"number": page.approved_number})
    yield from files(state)


def cancelled(state: VideoState) -> Iterable[PendingItem]:
    """Nothing comes next."""
    yield PendingItem(_("It was cancelled."), detail=state.because)


RULES: dict[Stage, Callable[[VideoState], Iterable[PendingItem]]] = {
    Stage.IDEA: idea,
    Stage.PLANNED: planned,
    Stage.GREENLIT: greenlit,
    Stage.SCHEDULED: scheduled,
    Stage.SHOT: shot,
    Stage.EDITING: editing,
    Stage.REVIEW: in_review,
    Stage.APPROVED: approved,
    Stage.PUBLISHED: published,
    Stage.RETIRED: retired,
    Stage.CANCELLED: cancelled,
}
FILE_RULES: dict[str, Callable[[VideoState, FileState], PendingItem]] = {
    "uploading": uploading,
    "stopped": stopped,
    "making": processing,
    "failed": failed,
    "refused": refused,
    "cancelled": cancelled_cut,
}
