"""The search over videos, questions, contacts, companies, deals and experts.

Users find only what they may see."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.mixins import UserPassesTestMixin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.search import SearchArea
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from studio.collation.listing import find, words_of
from studio.people.models import User
from videos.audience.admin.viewsets import CompanyViewSet, ContactViewSet
from videos.audience.models import Company, Contact
from videos.audience.urls_for import company_url, contact_url
from videos.deals.access import visible_deals
from videos.deals.admin.viewsets import DealViewSet
from videos.deals.models import Deal
from videos.deals.urls_for import deal_url
from videos.planning.admin.viewsets import ExpertViewSet, QuestionViewSet, VideoViewSet
from videos.planning.models import Expert, Question, Video
from videos.planning.urls_for import expert_url, question_url, video_url

SHOWN = 5  # results per kind
MOST_TEXT = 200  # characters of the search text
LONGEST_TITLE = 160  # characters of a title or note


@dataclass(frozen=True)
class Kind:
    """One searchable model: its fields, permission and URLs, and the note beside a result."""

    label: Any
    icon: str
    permission: str
    list_url_name: str
    fields: list[str]
    rows: Callable[[User], QuerySet[Any]]
    url: Callable[[Any], str]
    note: Callable[[Any], str]

    def is_open_to(self, user: Any) -> bool:
        """Whether the user may search this kind."""
        return bool(user.has_perm(self.permission))

    def list_url(self, text: str) -> str:
        """Return the URL of the list of this kind, with the same search."""
        return f"{reverse(self.list_url_name)}?{urlencode({'q': text})}"


@dataclass(frozen=True)
class Hit:
    """One result."""

    title: str
    url: str
    note: str


@dataclass(frozen=True)
class Found:
    """The first results of one kind, and the URL of all of them."""

    kind: Kind
    hits: list[Hit]
    url: str
    has_more: bool


KINDS = [
    Kind(
        _("Videos"),
        VideoViewSet.icon,
        "planning.view_video",
        "planning_videos:index",
        VideoViewSet.search_fields,
        lambda user: Video.objects.all(),
        video_url,
        lambda video: video.get_stage_display(),
    ),
    Kind(
        _("Questions"),
        QuestionViewSet.icon,
        "planning.view_question",
        "planning_questions:index",
        QuestionViewSet.search_fields,
        lambda user: Question.objects.select_related("heard_by"),
        question_url,
        lambda question: str(question.heard_by),
    ),
    Kind(
        _("Contacts"),
        ContactViewSet.icon,
        "audience.view_contact",
        "audience_contacts:index",
        ContactViewSet.search_fields,
        lambda user: Contact.objects.filter(merged_into=None).select_related("company"),
        contact_url,
        lambda contact: " · ".join(
            str(part) for part in (contact.company, contact.email) if part and part != str(contact)
        ),
    ),
    Kind(
        _("Companies"),
        CompanyViewSet.icon,
        "audience.view_company",
        "audience_companies:index",
        CompanyViewSet.search_fields,
        lambda user: Company.objects.all(),
        company_url,
        lambda company: company.domain,
    ),
    Kind(
        _("Deals"),
        DealViewSet.icon,
        "deals.view_deal",
        "deals_deals:index",
        DealViewSet.search_fields,
        lambda user: Deal.objects.filter(pk__in=visible_deals(user)).select_related("company"),
        deal_url,
        lambda deal: str(deal.company or ""),
    ),
    Kind(
        _("Experts"),
        ExpertViewSet.icon,
        "planning.view_expert",
        "planning_experts:index",
        ExpertViewSet.search_fields,
        lambda user: Expert.objects.select_related("user"),
        expert_url,
        lambda expert: expert.topics,
    ),
]


def search_all(text: str, user: User) -> list[Found]:
    """Return the results of each kind that the user may search, without kinds that have none."""
    if not words_of(text):
        return []
    found = (search_kind(kind, text, user) for kind in KINDS if kind.is_open_to(user))
    return [one for one in found if one.hits]


def search_kind(kind: Kind, text: str, user: User) -> Found:
    """Return the first results of one kind, in one query."""
    rows = list(find(kind.rows(user), kind.fields, text)[: SHOWN + 1])
    hits = [
        Hit(
            Truncator(str(row)).chars(LONGEST_TITLE),
            kind.url(row),
            Truncator(kind.note(row)).chars(LONGEST_TITLE),
        )
        for row in rows[:SHOWN]
    ]
    return Found(kind, hits, kind.list_url(text), len(rows) > SHOWN)


class SearchView(UserPassesTestMixin, WagtailAdminTemplateMixin, TemplateView):
    """Lists the results by kind."""

    template_name = "desk/search.html"
    page_title = _("Search")
    header_icon = "search"

    def test_func(self) -> bool:
        return any(kind.is_open_to(self.request.user) for kind in KINDS)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        assert isinstance(user, User)
        text = self.request.GET.get("q", "")[:MOST_TEXT].strip()
        kinds = [kind for kind in KINDS if kind.is_open_to(user)]
        return super().get_context_data(
            text=text,
            kinds=[kind.label for kind in kinds],
            found=search_all(text, user),
            has_words=bool(words_of(text)),
            **kwargs,
        )


class KindArea(SearchArea):
    """A search area, for users who may search one of its kinds."""

    def __init__(self, kinds: list[Kind], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds = kinds

    def is_shown(self, request: HttpRequest) -> bool:
        return any(kind.is_open_to(request.user) for kind in self.kinds)


def everywhere() -> KindArea:
    """Return the search area over all kinds. It is the first, so the sidebar's field uses it."""
    url = reverse("desk_search")
    return KindArea(KINDS, _("Everywhere"), url, name="everywhere", icon_name="search", order=1)


def kind_area(place: int) -> KindArea:
    """Return the search area of one kind, before Wagtail's areas of pages and files."""
    kind = KINDS[place]
    url = reverse(kind.list_url_name)
    name = kind.list_url_name.partition(":")[0]
    return KindArea([kind], kind.label, url, name=name, icon_name=kind.icon, order=2 + place)
