import datetime as dt

import pytest

from videos.planning.models import Stage
from videos.planning.next_step.actions import Person, UserAccess
from videos.planning.next_step.rules import PUBLISH_PERMISSION, next_step
from videos.planning.next_step.states import (
    PRODUCER_PERMISSION,
    AudienceState,
    EstimateState,
    FileState,
    PageState,
    ReviewState,
    ShootState,
    VideoState,
)

MONDAY = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
PIA, ADA, BEN, FAY = Person(1, "Pia"), Person(2, "Ada"), Person(3, "Ben"), Person(4, "Fay")
LINKS = {name: f"/{name}/" for name in ("video", "cuts", "edit", "book", "plan", "shot", "editing")}

PRODUCER = UserAccess(
    PIA.pk,
    frozenset(
        {
            PRODUCER_PERMISSION,
            PUBLISH_PERMISSION,
            "planning.add_shoot",
            "planning.change_shoot",
            "planning.view_shoot",
            "budgets.request_estimate",
            "media.view_cut",
            "media.change_cut",
            "media.add_cut",
            "review.view_verdict",
        }
    ),
)
OTHER_PRODUCER = PRODUCER._replace(pk=9)
EXPERT = UserAccess(
    ADA.pk,
    frozenset(
        {
            "planning.add_shoot",
            "planning.view_shoot",
            "media.view_cut",
            "media.add_cut",
            "review.review_cut",
            "review.view_verdict",
            "audience.add_sharelink",
        }
    ),
)
OTHER_EXPERT = EXPERT._replace(pk=8)
MANAGER = UserAccess(
    BEN.pk,
    frozenset(
        {
            "planning.plan_video",
            "planning.change_video",
            "planning.add_shoot",
            "planning.change_shoot",
            "media.view_cut",
            "review.review_any_cut",
            "review.view_verdict",
        }
    ),
)
FINANCE = UserAccess(FAY.pk, frozenset({"budgets.greenlight_estimate"}))
EVERYBODY = {
    "producer": PRODUCER,
    "other producer": OTHER_PRODUCER,
    "expert": EXPERT,
    "other expert": OTHER_EXPERT,
    "manager": MANAGER,
    "finance": FINANCE,
}


def of(stage, **parts):
    known = {"producer": PIA, "experts": (ADA,), "links": LINKS} | parts
    return next_step(VideoState(stage=Stage(stage), now=MONDAY, **known))


def turns(step):
    """Whose turn it is, with their act."""
    return {
        name: step.action_for(viewer).label
        for name, viewer in EVERYBODY.items()
        if step.is_assigned_to(viewer)
    }


def acts(step):
    """What each may do, whose turn it is not."""
    return {
        name: act.label
        for name, viewer in EVERYBODY.items()
        if not step.is_assigned_to(viewer) and (act := step.action_for(viewer))
    }


def booking(starts_at, **fields):
    return ShootState("Mon, 10:00", starts_at, starts_at + HOUR, (ADA,), "/shoot/", **fields)


def estimated(state, **fields):
    return EstimateState(state, "/ask/", "/budget/", **fields)


def file(state, **fields):
    return FileState(state, fields.pop("name", "cut 3"), fields.pop("by", PIA), "/cut/", **fields)


def reviewed(state, **fields):
    return ReviewState(
        state, 2, "/review/", reviewers=(ADA,), uploader=PIA.pk, reviewer="Ben", **fields
    )


def paged(**fields):
    return PageState("/page/", "/make/", **fields)


LIVE = {"exists": True, "live": True, "public_number": 1}


# (what the case is, the step, its sentence, whose turn with which act, what others may)
CASES = {
    "an idea that lacks a day": (
        of("idea", missing="It needs a day."),
        "It needs a day.",
        {"producer": "Add what is missing"},
        {"manager": "Add what is missing"},
    ),
    "an idea with all it needs": (
        of("idea"),
        "It is ready to be planned. Waiting for Pia to plan it.",
        {"producer": "Plan this video"},
        {"manager": "Plan this video"},
    ),
    "planned without an estimate": (
        of("planned", estimate=estimated("none")),
        "Waiting for Pia to estimate the cost.",
        {"producer": "Estimate the cost"},
        {"other producer": "Estimate the cost"},
    ),
    "planned by nobody": (
        of("planned", estimate=estimated("none"), producer=None),
        "Waiting for a producer to estimate the cost.",
        {"producer": "Estimate the cost", "other producer": "Estimate the cost"},
        {},
    ),
    "planned with half an estimate": (
        of("planned", estimate=estimated("draft")),
        "Waiting for Pia to finish the estimate and request the greenlight.",
        {"producer": "Finish the estimate"},
        {"other producer": "Finish the estimate"},
    ),
    "planned, and finance is asked": (
        of("planned", estimate=estimated("requested")),
        "Waiting for finance to greenlight the estimate.",
        {"finance": "Greenlight or decline"},
        {},
    ),
    "planned, and who could decide wrote it": (
        of("planned", estimate=estimated("requested", writers=frozenset({FAY.pk}))),
        "Waiting for finance to greenlight the estimate.",
        {},
        {},
    ),
    "planned, and finance said no": (
        of("planned", estimate=estimated("declined")),
        "Finance declined the estimate. Waiting for Pia to write a new one.",
        {"producer": "Write a new estimate"},
        {"other producer": "Write a new estimate"},
    ),
    "greenlit": (
        of("greenlit", experts=(ADA, BEN)),
        "Waiting for a shoot with Ada and Ben to be booked.",
        dict.fromkeys(("producer", "other producer", "expert", "manager"), "Book a shoot"),
        {"other expert": "Book a shoot"},
    ),
    "greenlit, and more money is asked for": (
        of("greenlit", estimate=estimated("requested")),
        "Waiting for a shoot with Ada to be booked. Waiting for finance to greenlight more money.",
        {
            **dict.fromkeys(("producer", "other producer", "expert", "manager"), "Book a shoot"),
            "finance": "Greenlight or decline",
        },
        {"other expert": "Book a shoot"},
    ),
    "scheduled": (
        of("scheduled", booking=booking(MONDAY + HOUR)),
        "The shoot is on Mon, 10:00.",
        {},
        {"expert": "Open the shoot"},
    ),
    "scheduled for now": (
        of("scheduled", booking=booking(MONDAY - HOUR / 2, has_begun=True)),
        "The shoot is taking place now: Mon, 10:00.",
        {},
        {"producer": "Mark as shot", "other producer": "Mark as shot"},
    ),
    "scheduled, and over": (
        of("scheduled", booking=booking(MONDAY - 2 * HOUR, has_begun=True)),
        "The shoot is over. Waiting for Pia to mark the video as shot.",
        {"producer": "Mark as shot"},
        {"other producer": "Mark as shot"},
    ),
    "scheduled once more after a first shoot": (
        of("scheduled", booking=booking(MONDAY + HOUR, has_begun=True)),
        "The shoot is on Mon, 10:00.",
        {},
        {
            "expert": "Open the shoot",
            "producer": "Mark as shot",
            "other producer": "Mark as shot",
        },
    ),
    "shot": (
        of("shot"),
        "Waiting for Pia to edit it.",
        {"producer": "Start editing"},
        {"other producer": "Start editing"},
    ),
    "in editing": (
        of("editing"),
        "Waiting for Pia to upload a cut.",
        {"producer": "Upload a cut"},
        {"other producer": "Upload a cut", "expert": "Upload a cut"},
    ),
    "sent back": (
        of("editing", review=reviewed("changes")),
        "Ben requested changes to cut 2. Waiting for Pia to upload a new cut.",
        {"producer": "Upload a cut"},
        {"other producer": "Upload a cut", "expert": "Upload a cut"},
    ),
    "somebody uploads": (
        of("editing", files=(file("uploading", name="a.mov"),)),
        "Pia is uploading “a.mov”.",
        {},
        {"producer": "Go to the upload"},
    ),
    "an upload has stopped": (
        of("shot", files=(file("stopped", name="a.mov"),)),
        "The upload of “a.mov” has stopped. Waiting for Pia to continue it.",
        {"producer": "Continue the upload"},
        {},
    ),
    "a cut is being made ready": (
        of("editing", files=(file("making"),)),
        "The studio is preparing cut 3. It will then go to review automatically.",
        {},
        {},
    ),
    "a cut failed": (
        of("editing", files=(file("failed", reason="It ends early."),)),
        "Cut 3 could not be made ready to watch. Waiting for Pia to look into it.",
        {"producer": "See why"},
        dict.fromkeys(("other producer", "expert", "other expert", "manager"), "See why"),
    ),
    "a file of an expert was refused": (
        of("editing", files=(file("refused", name="“a.txt”", by=ADA),)),
        "The file “a.txt” was refused. Waiting for Pia to upload another one.",
        {"producer": "Upload another file", "expert": "Upload another file"},
        {"other producer": "Upload another file"},
    ),
    "the work on a cut was cancelled": (
        of("editing", files=(file("cancelled"),)),
        "Processing of cut 3 was cancelled. Waiting for Pia to upload a cut.",
        {"producer": "Upload a cut"},
        {"other producer": "Upload a cut", "expert": "Upload a cut"},
    ),
    "in review": (
        of("review", review=reviewed("waiting")),
        "Waiting for Ada or a sales manager to review cut 2.",
        {"expert": "Watch and review", "manager": "Watch and review"},
        dict.fromkeys(("producer", "other producer", "other expert"), "Watch cut 2"),
    ),
    "in review with comments": (
        of("review", review=reviewed("waiting", open_comments=3)),
        "Waiting for Ada or a sales manager to review cut 2. 3 comments are open.",
        {"expert": "Watch and review", "manager": "Watch and review"},
        dict.fromkeys(("producer", "other producer", "other expert"), "Watch cut 2"),
    ),
    "in review, and nobody can approve": (
        of("review", review=reviewed("waiting", has_reviewers=False)),
        "Nobody can approve cut 2. Add an expert on camera, or give somebody the role"
        " “Sales manager”.",
        {"expert": "Watch and review", "manager": "Watch and review"},
        dict.fromkeys(("producer", "other producer", "other expert"), "Watch cut 2"),
    ),
    "in review, and the next file was refused": (
        of("review", review=reviewed("waiting"), files=(file("refused", name="“b.txt”"),)),
        "Waiting for Ada or a sales manager to review cut 2."
        " The file “b.txt” was refused. Waiting for Pia to upload another one.",
        {
            "expert": "Watch and review",
            "manager": "Watch and review",
            "producer": "Upload another file",
        },
        {"other producer": "Watch cut 2", "other expert": "Watch cut 2"},
    ),
    "in review, with a time to go live": (
        of(
            "review",
            review=reviewed("waiting"),
            page=paged(exists=True, goes_live_at=MONDAY),
        ),
        "Waiting for Ada or a sales manager to review cut 2."
        " Its page is scheduled to go live on Mon 2 Mar 2026, 10:00.",
        {"expert": "Watch and review", "manager": "Watch and review"},
        dict.fromkeys(("producer", "other producer", "other expert"), "Watch cut 2"),
    ),
    "approved without a page": (
        of("approved", review=reviewed("approved"), page=paged()),
        "It is approved. Waiting for Pia to create its public page.",
        {"producer": "Create the public page"},
        {"other producer": "Create the public page"},
    ),
    "approved with a draft": (
        of("approved", review=reviewed("approved"), page=paged(exists=True)),
        "It is approved. Waiting for Pia to publish it.",
        {"producer": "Publish"},
        {"other producer": "Publish"},
    ),
    "scheduled to go live": (
        of("approved", page=paged(exists=True, goes_live_at=MONDAY)),
        "It goes live automatically on Mon 2 Mar 2026, 10:00.",
        {},
        {},
    ),
    "published": (of("published", page=paged(**LIVE)), "It is published.", {}, {}),
    "published, to be sent": (
        of("published", page=paged(**LIVE), audience=AudienceState("/share/")),
        "It is published.",
        {},
        {"expert": "Send to a prospect", "other expert": "Send to a prospect"},
    ),
    "published for a while": (
        of("published", page=paged(**LIVE, expires_at=MONDAY)),
        "It is published, and will be taken down automatically on Mon 2 Mar 2026, 10:00.",
        {},
        {},
    ),
    "published, and its second cut in review": (
        of("published", page=paged(**LIVE), review=reviewed("waiting")),
        "It is published. Waiting for Ada or a sales manager to review cut 2.",
        {"expert": "Watch and review", "manager": "Watch and review"},
        dict.fromkeys(("producer", "other producer", "other expert"), "Watch cut 2"),
    ),
    "published, and its second cut approved": (
        of("published", page=paged(**LIVE, approved_number=2), review=reviewed("approved")),
        "It is published. Cut 2 is approved. Waiting for Pia to publish it.",
        {"producer": "Publish cut 2"},
        {"other producer": "Publish cut 2"},
    ),
    "published, and an older cut approved": (
        of("published", page=paged(**LIVE, approved_number=1, is_older=True)),
        "It is published.",
        {},
        {},
    ),
    "published, and its second cut sent back": (
        of("published", page=paged(**LIVE), review=reviewed("changes")),
        "It is published. Ben requested changes to cut 2. Waiting for Pia to upload a new cut.",
        {"producer": "Upload a cut"},
        {"other producer": "Upload a cut", "expert": "Upload a cut"},
    ),
    "published, and its second cut on its way": (
        of("published", page=paged(**LIVE), files=(file("making"),)),
        "It is published. The studio is preparing cut 3. Viewers keep the current one.",
        {},
        {},
    ),
    "retired": (
        of("retired", page=paged(exists=True)),
        "It was retired and is no longer public.",
        {},
        {"producer": "Publish it again", "other producer": "Publish it again"},
    ),
    "retired, and due again": (
        of("retired", page=paged(exists=True, goes_live_at=MONDAY)),
        "It was retired and is no longer public."
        " It goes live automatically on Mon 2 Mar 2026, 10:00.",
        {},
        {},
    ),
    "cancelled": (of("cancelled", because="No money."), "It was cancelled.", {}, {}),
    "imported without a page": (
        of("published", imported=True),
        "This video was imported with its views. There is nothing to do.",
        {},
        {},
    ),
}


@pytest.mark.parametrize("case", sorted(CASES))
def test_it_says_what_is_awaited_whose_turn_it_is_and_what_they_do(case):
    step, sentence, whose, others = CASES[case]
    assert step.sentence == sentence
    assert turns(step) == whose
    assert acts(step) == others


@pytest.mark.parametrize("stage", Stage)
def test_every_stage_has_its_sentence_whatever_the_rooms_know(stage):
    assert of(stage).sentence.endswith(".")


def test_what_somebody_uploaded_they_neither_approve_nor_are_named_for():
    step = of("review", review=ReviewState("waiting", 1, "/r/", reviewers=(ADA,), uploader=ADA.pk))
    assert step.sentence == "Waiting for a sales manager to review cut 1."
    assert not step.is_assigned_to(EXPERT)


def test_the_reason_of_a_failure_stands_beside_the_sentence():
    assert of("editing", files=(file("failed", reason="It ends early."),)).details == [
        "It ends early."
    ]
    assert of("cancelled", because="No money.").details == ["No money."]
