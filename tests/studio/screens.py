"""The table of roles × screens, and the small world that its addresses need.

The roles are letters: Producer, Expert, sales Manager, Finance, Leader. The expert is on camera
in the video, books the shoot, owns the deal and made the share link.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from studio.people.models import User
from studio.people.roles import Role
from tests.factories import (
    ExpertFactory,
    QuestionFactory,
    ShareLinkFactory,
    ShootFactory,
    UserFactory,
    VideoFactory,
    ready_cut,
)
from videos.planning.models import Stage
from videos.review.models import Comment


@dataclass
class World:
    """One row of everything, and a user of every role."""

    users: dict[Role, User]
    things: dict[str, Any]

    @classmethod
    def make(cls) -> "World":
        users = {role: UserFactory(role=role) for role in Role}
        expert = ExpertFactory(user=users[Role.EXPERT])
        video = VideoFactory(stage=Stage.REVIEW, experts=[expert], producer=users[Role.PRODUCER])
        cut = ready_cut(video=video)
        things = {
            "expert": expert,
            "video": video,
            "cut": cut,
            "comment": Comment.objects.create(cut=cut, by=users[Role.EXPERT], text="The logo."),
            "question": QuestionFactory(heard_by=expert.user, video=video),
            "shoot": ShootFactory(videos=[video], experts=[expert]),
            "share_link": ShareLinkFactory(rep=expert.user),
        }
        return cls(users, things)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.things[name]
        except KeyError as missing:
            raise AttributeError(name) from missing


@dataclass(frozen=True)
class Screen:
    """Who may open an address. `post`: it acts, and answers to POST alone."""

    roles: str
    args: Callable[[World], list[Any]] = lambda world: []
    post: bool = False
    data: Callable[[World], dict[str, Any]] = lambda world: {}

    def url(self, name: str, world: World) -> str:
        return reverse(name, args=self.args(world))


def pk(*things: str) -> Callable[[World], list[Any]]:
    """The keys of things of the world, as an address wants them."""
    return lambda world: [getattr(world, thing).pk for thing in things]


EVERYONE = "PEMFL"
REVIEW = "PEM"

SCREENS: dict[str, Screen] = {
    "wagtailadmin_home": Screen(EVERYONE),
    # Review
    "review:index": Screen(REVIEW),
    "review:cut": Screen(REVIEW, pk("cut")),
    "review:approve": Screen("EM", pk("cut"), post=True),
    "review:changes": Screen(REVIEW, pk("cut"), post=True, data=lambda world: {"note": "No."}),
    "review:comment": Screen(REVIEW, pk("cut"), post=True, data=lambda world: {"text": "No."}),
    "review:remove_comment": Screen("E", pk("cut", "comment"), post=True),
}

# What each role finds in its menu
MENUS: dict[str, str] = {
    "Review": REVIEW,
}
