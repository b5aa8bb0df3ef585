"""The table of roles × screens, and the small world that its addresses need.

The roles are letters: Producer, Expert, sales Manager, Finance, Leader. The expert is on camera
in the video, books the shoot, owns the deal and made the share link.
"""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from wagtail.models import Site

from studio.people.inviting import invite
from studio.people.models import Invitation, User
from studio.people.roles import Role
from studio.rates.models import Rate
from tests.budgets.factories import LineFactory, estimate
from tests.factories import (
    CutFactory,
    ExpertFactory,
    QuestionFactory,
    ResourceFactory,
    ShareLinkFactory,
    ShootFactory,
    UserFactory,
    VideoFactory,
    ready_cut,
)
from tests.videos.publishing.factories import draft_page
from videos.audience.models import Contact, PlaybackProblem
from videos.deals.models import Deal, DealContact, Import, ImportFile
from videos.media.models import Caption, Cut, Upload, footage
from videos.planning.models import Stage, Video
from videos.publishing.models import Appearance
from videos.review.models import Comment, Verdict


@dataclass
class World:
    """One row of everything, and a user of every role."""

    users: dict[Role, User]
    things: dict[str, Any]

    @classmethod
    def make(cls) -> "World":
        users = {role: UserFactory(role=role) for role in Role}
        Appearance.for_site(Site.objects.get())  # Wagtail makes it when somebody looks at it first
        expert = ExpertFactory(user=users[Role.EXPERT])
        video = VideoFactory(stage=Stage.REVIEW, experts=[expert], producer=users[Role.PRODUCER])
        cut = ready_cut(video=video)
        other_cut = ready_cut(video=VideoFactory(stage=Stage.REVIEW))
        buyers = audience(expert.user)
        things = {
            "expert": expert,
            "video": video,
            "cut": cut,
            "refused_cut": CutFactory(
                video=video, state=Cut.State.REFUSED, reason="A text.", uploaded_by=expert.user
            ),
            "other_video": other_cut.video,
            "other_cut": other_cut,
            "approved_cut": approved(VideoFactory(stage=Stage.APPROVED), by=expert.user),
            "captions": Caption.objects.create(cut=cut, webvtt="WEBVTT"),
            "upload": Upload.objects.create(
                video=video,
                by=users[Role.EXPERT],
                name="a.mp4",
                bytes=10,
                backend="disk",
                path="sources/none",
                last_activity_at=timezone.now(),
            ),
            "comment": Comment.objects.create(cut=cut, by=users[Role.EXPERT], text="The logo."),
            "other_comment": Comment.objects.create(
                cut=other_cut, by=users[Role.SALES_MANAGER], text="The sound."
            ),
            "question": QuestionFactory(heard_by=expert.user, video=video),
            "other_question": QuestionFactory(),
            "other_shoot": ShootFactory(videos=[video], experts=[ExpertFactory()]),
            "shoot": ShootFactory(videos=[video], experts=[expert]),
            "resource": ResourceFactory(),
            **buyers,
            **deals(expert.user, buyers["contact"]),
            "page": draft_page(VideoFactory()),
            **budget(users[Role.PRODUCER]),
            "invitation": invitation(),
            "import": files_to_import(users[Role.SALES_MANAGER]),
        }
        return cls(users, things)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.things[name]
        except KeyError as missing:
            raise AttributeError(name) from missing


def invitation() -> Invitation:
    """An open invitation of an administrator."""
    by = UserFactory(is_superuser=True)
    return invite("new@studio.example", [], is_superuser=True, by=by)


def files_to_import(by: User) -> Import:
    """A file that was looked at, with a row that is bad."""
    made = Import.objects.create(by=by, state=Import.State.CHECKED)
    ImportFile.objects.create(
        owner=made,
        name="deals.csv",
        given_name="deals.csv",
        size=3,
        packed=gzip.compress(b"a,b"),
        packed_bad_rows=gzip.compress(b"a,b"),
    )
    return made


def approved(video: Video, *, by: User) -> Cut:
    """An approved cut with a poster, and an MP4 to take home."""
    cut = ready_cut(video=video)
    current = cut.current_set
    current.download = "download.mp4"
    current.save()
    footage().save(f"{current.folder}/download.mp4", ContentFile(b"mp4"))
    poster = BytesIO()
    Image.new("RGB", (64, 36)).save(poster, "JPEG")
    footage().save(f"{current.folder}/{current.poster}", ContentFile(poster.getvalue()))
    Verdict.objects.create(
        cut=cut, kind=Verdict.Kind.APPROVED, sha256=cut.sha256, by=by, at=timezone.now()
    )
    return cut


def audience(rep: User) -> dict[str, Any]:
    """A contact with the rep's share link, and another rep's."""
    link = ShareLinkFactory(rep=rep)
    return {
        "share_link": link,
        "other_link": ShareLinkFactory(),
        "contact": link.contact,
        "company": link.contact.company,
        "problem": PlaybackProblem.objects.create(video=link.video),
    }


def deals(rep: User, contact: Contact) -> dict[str, Any]:
    """An open deal of the rep with the contact, and another rep's."""

    def made(owner: User | None) -> Deal:
        return Deal.objects.create(name="Big", owner=owner, created_at=timezone.now())

    deal = made(rep)
    return {
        "deal": deal,
        "other_deal": made(None),
        "rate": Rate.objects.create(
            day=timezone.localdate(), from_currency="USD", to_currency="EUR", rate="0.9"
        ),
        "part": DealContact.objects.create(deal=deal, contact=contact),
    }


def budget(producer: User) -> dict[str, Any]:
    """A line with money on it, and an estimate that the producer asked for."""
    line = LineFactory(approved=100_000)
    return {
        "line": line,
        "budget": line.budget,
        "period": line.period,
        "entry": line.entries.get(),
        "estimate": estimate((line, 5_000), by=producer),
    }


@dataclass(frozen=True)
class Screen:
    """Who may open an address. `post`: it acts, and answers to POST alone."""

    roles: str
    args: Callable[[World], list[Any]] = lambda world: []
    post: bool = False
    data: Callable[[World], dict[str, Any]] = lambda world: {}
    query: str = ""

    def url(self, name: str, world: World) -> str:
        return reverse(name.partition("#")[0], args=self.args(world)) + self.query


def pk(*things: str) -> Callable[[World], list[Any]]:
    """The keys of things of the world, as an address wants them."""
    return lambda world: [getattr(world, thing).pk for thing in things]


def viewset(
    space: str,
    thing: str,
    *,
    see: str,
    add: str,
    change: str,
    delete: str = "",
    without: str = "inspect",
) -> dict[str, Screen]:
    """The screens of a Wagtail viewset. Who writes reads the history.

    `without` names what it lacks.
    """
    return {
        f"{space}:{name}": screen
        for name, screen in {
            "index": Screen(see),
            "index_results": Screen(see),
            "add": Screen(add),
            "edit": Screen(change, pk(thing)),
            "delete": Screen(delete, pk(thing)),
            "inspect": Screen(see, pk(thing)),
            "history": Screen(add + change, pk(thing)),
            "history_results": Screen(add + change, pk(thing)),
            "usage": Screen(change, pk(thing)),
        }.items()
        if name not in without.split()
    }


LETTERS = {
    Role.PRODUCER: "P",
    Role.EXPERT: "E",
    Role.SALES_MANAGER: "M",
    Role.FINANCE: "F",
    Role.LEADER: "L",
}
EVERYONE = "".join(LETTERS.values())
REVIEW = "PEM"
PLANNING = "PEM"

# `name#why` is one more row for the address `name`
SCREENS: dict[str, Screen] = {
    "wagtailadmin_home": Screen(EVERYONE),
    "desk_waiting": Screen(EVERYONE),
    "desk_search": Screen(EVERYONE, query="?q=a"),
    # People: for administrators alone
    "people_leaving": Screen("", lambda world: [world.users[Role.EXPERT].pk]),
    "people_roles": Screen(EVERYONE),
    "desk_first_steps": Screen(""),
    "desk_record": Screen(""),
    "desk_setting": Screen("P", lambda world: ["publishing", "appearance", Site.objects.get().pk]),
    "desk_record_results": Screen(""),
    "people_invitations:index": Screen(""),
    "people_invitations:index_results": Screen(""),
    "people_invitations:add": Screen(""),
    "people_invitations:inspect": Screen("", pk("invitation")),
    "people_invitations:send": Screen("", pk("invitation"), post=True),
    "people_invitations:withdraw": Screen("", pk("invitation"), post=True),
    # Planning
    **viewset(
        "planning_questions", "question", see=PLANNING, add=PLANNING, change=PLANNING, without=""
    ),
    "planning_questions:link": Screen("PM", pk("question")),
    "planning_questions:plan_video": Screen("PM", pk("question"), post=True),
    **viewset("planning_videos", "video", see=EVERYONE, add="PM", change="PM", without=""),
    "planning_videos:live": Screen(EVERYONE, pk("video")),
    "planning_change_stage": Screen("PM", lambda world: [world.video.pk, "cancelled"], post=True),
    "planning_change_stage#shot": Screen("P", lambda world: [world.video.pk, "shot"], post=True),
    "planning_video_panel": Screen(EVERYONE, lambda world: [world.video.pk, "public-page"]),
    "planning_calendar": Screen(EVERYONE),
    **viewset(
        "planning_shoots", "shoot", see=PLANNING, add=PLANNING, change=PLANNING, without="delete"
    ),
    "planning_shoots:edit#without the expert": Screen("PM", pk("other_shoot")),
    "planning_shoots:cancel#without the expert": Screen("PM", pk("other_shoot"), post=True),
    "planning_questions:edit#heard by others": Screen("PM", pk("other_question")),
    "planning_shoots:cancel": Screen(PLANNING, pk("shoot"), post=True),
    **viewset("planning_experts", "expert", see=PLANNING, add="PM", change="PM", without=""),
    **viewset("planning_resources", "resource", see=PLANNING, add="PM", change="PM"),
    "planning_video_chooser:choose": Screen(EVERYONE),
    "planning_video_chooser:choose_results": Screen(EVERYONE),
    "planning_video_chooser:chosen": Screen(EVERYONE, pk("video")),
    # Audience
    **viewset("audience_contacts", "contact", see="PEM", add="EM", change="M", without=""),
    **viewset("audience_companies", "company", see="PEM", add="EM", change="M", without=""),
    "audience_contact_chooser:choose": Screen(EVERYONE),
    "audience_contact_chooser:choose_results": Screen(EVERYONE),
    "audience_contact_chooser:chosen": Screen(EVERYONE, pk("contact")),
    "audience_contact_chooser:create": Screen("EM"),
    "audience_company_chooser:choose": Screen("PEM"),
    "audience_company_chooser:choose_results": Screen("PEM"),
    "audience_company_chooser:chosen": Screen("PEM", pk("company")),
    "audience_company_chooser:create": Screen("EM"),
    "audience_share_links:index": Screen("EM"),
    "audience_share_links:index_results": Screen("EM"),
    "audience_share_links:add": Screen("EM"),
    "audience_share_links:inspect": Screen("EM", pk("share_link")),
    "audience_share_links:inspect#of another rep": Screen("M", pk("other_link")),
    "audience_problem_resolve": Screen("P", pk("problem"), post=True),
    "audience_views:index": Screen(EVERYONE),
    "audience_views:index_results": Screen(EVERYONE),
    # Deals
    **viewset("deals_deals", "deal", see="EML", add="EM", change="EM", without=""),
    "deals_deals:edit#of another rep": Screen("M", pk("other_deal")),
    "deals_deals:usage#of another rep": Screen("M", pk("other_deal")),
    "deals_deals:inspect#of another rep": Screen("ML", pk("other_deal")),
    "deals_deals:history#of another rep": Screen("M", pk("other_deal")),
    "deals_deals:history_results#of another rep": Screen("M", pk("other_deal")),
    "deals_deals:win": Screen("EM", pk("deal"), post=True),
    "deals_deals:win#of another rep": Screen("M", pk("other_deal"), post=True),
    "deals_deals:lose": Screen("EM", pk("deal"), post=True),
    "deals_deals:lose#of another rep": Screen("M", pk("other_deal"), post=True),
    "deals_deals:reopen": Screen("EM", pk("deal"), post=True),
    "deals_deals:add_contact": Screen("EM", pk("deal"), post=True),
    "deals_deals:remove_contact": Screen("EM", pk("deal", "part"), post=True),
    "deals_imports:index": Screen("M"),
    "deals_imports:index_results": Screen("M"),
    "deals_imports:add": Screen("M"),
    "deals_imports:inspect": Screen("M", pk("import")),
    "deals_imports:confirm": Screen("M", pk("import"), post=True),
    "deals_imports:discard": Screen("M", pk("import"), post=True),
    "deals_imports:bad_rows": Screen("M", lambda world: [world.things["import"].pk, "deals.csv"]),
    **viewset("rates_rates", "rate", see="MFL", add="MF", change="MF", delete="MF"),
    "deals_influence": Screen(EVERYONE),
    "deals_evidence": Screen(EVERYONE),
    "deals_compared": Screen(EVERYONE, query="?compared=all&side=with"),
    # Budgets
    "budgets_report": Screen("MFL"),
    "budgets_entries": Screen("MFL"),
    "budgets_entries_results": Screen("MFL"),
    "budgets_reverse": Screen("F", pk("entry")),
    "budgets_expense": Screen("F"),
    "budgets_estimates": Screen("PF"),
    "budgets_estimates_results": Screen("PF"),
    "budgets_greenlight": Screen("F", pk("estimate"), post=True),
    "budgets_decline": Screen("F", pk("estimate"), post=True),
    "budgets_withdraw": Screen("P", pk("estimate"), post=True),
    "budgets_estimate_form": Screen("P", lambda world: [world.estimate.video_id]),
    "budgets_close": Screen("F", pk("period")),
    "budgets_year": Screen("F"),
    **viewset("budgets_lines", "line", see="F", add="F", change="F", delete="F"),
    **viewset("budgets_budgets", "budget", see="F", add="F", change="F", delete="F"),
    **viewset("budgets_periods", "period", see="F", add="F", change="F", delete="F"),
    # Mail
    "mail_undelivered": Screen(""),
    # Publishing
    "publishing_create_page": Screen("P", pk("video"), post=True),
    "publishing_publish": Screen("P", pk("page"), post=True),
    "publishing_captions": Screen("P", pk("page"), post=True),
    "publishing_text": Screen("P", pk("page"), post=True),
    "publishing_carry_over": Screen("P", pk("page"), post=True),
    "publishing_replace_cut": Screen("P", pk("page"), post=True),
    "publishing_retire": Screen("P", pk("page")),
    # Media
    "media_cuts": Screen("PEM"),
    "media_picture": Screen(EVERYONE, lambda world: [world.approved_cut.current_set.key, "own"]),
    "media_upload": Screen("PE", pk("video")),
    "media_upload#not on camera": Screen("P", pk("other_video")),
    "media_uploads": Screen("PE", pk("video")),
    "media_uploads#not on camera": Screen("P", pk("other_video")),
    "media_tus": Screen("PE", pk("video"), post=True),
    "media_tus#not on camera": Screen("P", pk("other_video"), post=True),
    "media_one_upload": Screen("E", lambda world: [world.upload.key]),
    "media_tus_upload": Screen("E", lambda world: [world.upload.key]),
    "media_parts": Screen("E", lambda world: [world.upload.key]),
    "media_sign_part": Screen("E", lambda world: [world.upload.key], post=True),
    "media_finish_upload": Screen("E", lambda world: [world.upload.key], post=True),
    "media_keep_upload": Screen("E", lambda world: [world.upload.key], post=True),
    "media_end_upload": Screen("P", lambda world: [world.upload.key], post=True),
    "media_cut_state": Screen("PEM", pk("cut")),
    "media_retry": Screen("PE", pk("cut"), post=True),
    "media_retry#not on camera": Screen("P", pk("other_cut"), post=True),
    "media_cancel": Screen("PE", pk("cut"), post=True),
    "media_cancel#not on camera": Screen("P", pk("other_cut"), post=True),
    "media_priority": Screen("P", pk("cut"), post=True, data=lambda world: {"priority": 1}),
    "media_cut": Screen("PEM", pk("cut")),
    "media_remove": Screen("PE", pk("refused_cut")),
    "media_remove#uploaded by somebody else": Screen("P", pk("cut")),
    "media_poster": Screen("PE", pk("cut"), post=True),
    "media_poster#not on camera": Screen("P", pk("other_cut"), post=True),
    "media_sound": Screen("PE", pk("cut"), post=True),
    "media_sound#not on camera": Screen("P", pk("other_cut"), post=True),
    "media_source": Screen("PE", pk("cut")),
    "media_source#not on camera": Screen("P", pk("other_cut")),
    "media_captions": Screen("P", pk("cut"), post=True),
    "media_new_captions": Screen(
        "P", pk("cut"), post=True, data=lambda world: {"new-language": "de"}
    ),
    "media_machine_captions": Screen("P", pk("cut"), post=True),
    "media_inner_captions": Screen("P", pk("cut"), post=True),
    "media_edit_captions": Screen("P", pk("captions")),
    "media_download_captions": Screen("P", lambda world: [world.captions.pk, "srt"]),
    "media_remove_captions": Screen("P", pk("captions"), post=True),
    # Review
    "review_cuts:index": Screen(REVIEW),
    "review_cuts:cut": Screen(REVIEW, pk("cut")),
    "review_cuts:download": Screen(REVIEW, pk("approved_cut")),
    "review_cuts:approve": Screen("EM", pk("cut"), post=True),
    "review_cuts:changes": Screen(REVIEW, pk("cut"), post=True, data=lambda world: {"note": "No."}),
    "review_cuts:approve#not on camera": Screen("M", pk("other_cut"), post=True),
    "review_cuts:changes#not on camera": Screen(
        "PM", pk("other_cut"), post=True, data=lambda world: {"note": "No."}
    ),
    "review_cuts:comment": Screen(REVIEW, pk("cut"), post=True, data=lambda world: {"text": "No."}),
    "review_cuts:played": Screen(REVIEW, pk("cut"), post=True),
    "review_cuts:comment_done": Screen(REVIEW, pk("cut", "comment"), post=True),
    "review_cuts:reopen_comment": Screen(REVIEW, pk("cut", "comment"), post=True),
    "review_cuts:comment_done#not on camera": Screen(
        "PM", pk("other_cut", "other_comment"), post=True
    ),
    "review_cuts:remove_comment": Screen("E", pk("cut", "comment"), post=True),
}

# What each role finds in its menu, from top to bottom
PLANNING_MENU = ["Questions", "Videos", "Calendar", "Shoots", "Experts", "Review", "Cuts"]
BUYERS_MENU = ["Share links", "Contacts", "Companies"]

MENUS: dict[Role, list[str]] = {
    Role.PRODUCER: [
        *PLANNING_MENU,
        "Contacts",
        "Companies",
        "Influence",
        "Budget",
        "Pages",
        "Images",
        "Documents",
        "Reports",
        "Settings",
    ],
    Role.EXPERT: [
        *PLANNING_MENU,
        *BUYERS_MENU,
        "Deals",
        "Influence",
        "Reports",
        "Settings",
    ],
    Role.SALES_MANAGER: [
        *PLANNING_MENU,
        *BUYERS_MENU,
        "Deals",
        "Influence",
        "Budget",
        "Reports",
        "Settings",
    ],
    Role.FINANCE: ["Videos", "Calendar", "Influence", "Budget", "Reports", "Settings"],
    Role.LEADER: ["Videos", "Calendar", "Deals", "Influence", "Budget", "Reports", "Settings"],
}
