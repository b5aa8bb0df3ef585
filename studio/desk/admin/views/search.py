"""One search over what people look for: each kind as far as the reader may see it."""

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

SHOWN = 5  # of one kind
MOST_TEXT = 200  # characters of what is sought
LONGEST_TITLE = 160  # characters of a question


@dataclass(frozen=True)
class Kind:
    """One kind of thing: where it is searched for, and how one that is found is printed."""

    label: Any
    icon: str
    permission: str
    list_url_name: str
    fields: list[str]
    rows: Callable[[User], QuerySet[Any]]
    url: Callable[[Any], str]
    note: Callable[[Any], str]

    def is_open_to(self, user: Any) -> bool:
        """Whether the user may see any of this kind."""
        return bool(user.has_perm(self.permission))

    def list_url(self, text: str) -> str:
        """The list of this kind, with the same search."""
        return f"{reverse(self.list_url_name)}?{urlencode({'q': text})}"


@dataclass(frozen=True)
class Hit:
    """One thing that was found."""

    title: str
    url: str
    note: str


@dataclass(frozen=True)
class Found:
    """What was found of one kind: the first few, and where all of them are."""

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


def look_for(text: str, user: User) -> list[Found]:
    """What is found of each kind that the user may see; kinds without a hit are left out."""
    if not words_of(text):
        return []
    found = (found_of(kind, text, user) for kind in KINDS if kind.is_open_to(user))
    return [one for one in found if one.hits]


def found_of(kind: Kind, text: str, user: User) -> Found:
    """What is found of one kind, in one query."""
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
    """Everything that is found, kind by kind."""

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
            kinds=kinds,
            found=look_for(text, user),
            is_asked=bool(words_of(text)),
            **kwargs,
        )


class KindArea(SearchArea):
    """A place to search in, for those who may see what is there."""

    def __init__(self, kinds: list[Kind], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds = kinds

    def is_shown(self, request: HttpRequest) -> bool:
        return any(kind.is_open_to(request.user) for kind in self.kinds)


def everywhere() -> KindArea:
    """The first place to search in, and so the one behind the field in the sidebar."""
    url = reverse("desk_search")
    return KindArea(KINDS, _("Everywhere"), url, name="everywhere", icon_name="search", order=1)


def kind_area(place: int) -> KindArea:
    """The list of one kind as a place to search in, before Wagtail's pages and files."""
    kind = KINDS[place]
    url = reverse(kind.list_url_name)
    name = kind.list_url_name.partition(":")[0]
    return KindArea([kind], kind.label, url, name=name, icon_name=kind.icon, order=2 + place)
