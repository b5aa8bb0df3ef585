"""The public site: the index of videos, the page of each, and the appearance of the site."""

from math import floor
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Prefetch, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import SimpleTemplateResponse
from django.utils import timezone, translation
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, HelpPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.fields import RichTextField
from wagtail.models import Page, PageManager, PageViewRestriction, Revision
from wagtail.query import PageQuerySet

from studio.people.first_run import is_without_users
from studio.people.models import User
from studio.single_line import SingleLines
from videos.media.models import Cut, RenditionSet
from videos.planning.models import Video
from videos.publishing.extras import extras_for
from videos.publishing.forms import VideoPageForm
from videos.publishing.permissions import IndexPermissions, VideoPagePermissions
from videos.publishing.presentation.caching import cache_for_a_minute, disable_caching
from videos.publishing.presentation.colours import PAPER, READABLE, contrast
from videos.publishing.presentation.csp import allow_player_styles
from videos.publishing.presentation.page_metadata import page_metadata
from videos.publishing.presentation.posters import poster_url
from videos.publishing.presentation.slugs import slug_for
from videos.publishing.public_text import PublicText, text_from_video
from videos.publishing.readiness import PublishRefused
from videos.publishing.schedule import acting_as, cancel_schedule, expiry_blocker
from videos.publishing.visibility import Visibility, visibility_of
from videos.review.approvals import approved_cut

PAGE_SIZE = 12  # videos on one page of the index
RELATED_VIDEOS = 3
BODY_FEATURES = ["bold", "italic", "link", "ol", "ul", "h2", "h3"]


class VideoPageQuerySet(PageQuerySet):
    """Pages of videos."""

    def playable(self) -> "VideoPageQuerySet":
        """Live pages whose cut anyone may play, newest first, with all that a card needs."""
        shown = RenditionSet.objects.on_show()
        pages: VideoPageQuerySet = (
            self.live()
            .public()
            .filter(Exists(shown.filter(cut=OuterRef("cut"))))
            .select_related("video")
            .prefetch_related(Prefetch("cut__sets", shown, to_attr="playable_sets"))
            .order_by("-video__published_at", "-pk")
        )
        return pages

    def related_to(self, page: "VideoPage") -> "VideoPageQuerySet":
        """Playable pages, those that share an expert with `page` first."""
        experts = page.video.experts.values("pk")
        shared = Video.experts.through.objects.filter(video=OuterRef("video"), expert__in=experts)
        pages: VideoPageQuerySet = (
            self.playable()
            .exclude(pk=page.pk)
            .annotate(shares_expert=Exists(shared))
            .order_by("-shares_expert", "-video__published_at", "-pk")
        )
        return pages


class VideoIndexPage(Page):
    """The front page: every published video, newest first."""

    intro = RichTextField(
        _("introduction"),
        blank=True,
        features=["bold", "italic", "link"],
        help_text=_("One or two sentences above the videos."),
    )

    content_panels = [*Page.content_panels, FieldPanel("intro")]

    max_count = 1
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["publishing.VideoPage"]
    template = "publishing/video_index_page.html"

    class Meta:
        verbose_name = _("video index page")
        verbose_name_plural = _("video index pages")

    def permissions_for_user(self, user: User | AnonymousUser) -> IndexPermissions:
        return IndexPermissions(user, self)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        pages = Paginator(VideoPage.objects.playable(), PAGE_SIZE)
        return {
            **super().get_context(request, *args, **kwargs),
            "videos": pages.get_page(request.GET.get("page")),
        }

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_without_users() and not VideoPage.objects.playable().exists():
            return disable_caching(redirect("people_first_run"))
        response: HttpResponse = super().serve(request, *args, **kwargs)
        return with_cache_headers(self, request, response)

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        response: HttpResponse = super().serve_preview(request, mode_name)
        return disable_caching(response)


class VideoPage(Page):
    """The public page of one video. It can only be published with an approved cut, which it keeps.

    `cut` is what viewers watch, set when the page is published. `summary`, `questions` and
    `expert_names` are copied from the video when a draft of a page that is not live is saved; on a
    live page only `publish_text` changes them.
    """

    video = models.OneToOneField(
        Video,
        models.PROTECT,
        related_name="page",
        verbose_name=_("video"),
        error_messages={"unique": _("This video has a public page already.")},
    )
    cut = models.ForeignKey(
        Cut,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("published cut"),
    )
    body = RichTextField(
        _("text"),
        blank=True,
        features=BODY_FEATURES,
        help_text=_("Shown below the player. Edit the summary on the video itself."),
    )
    # What the page prints of its video's planning, see `public_text.py`
    summary = models.TextField(_("summary"), blank=True, editable=False)
    questions = models.JSONField(_("questions"), default=list, blank=True, editable=False)
    expert_names = models.JSONField(_("names of experts"), default=list, blank=True, editable=False)

    objects = PageManager.from_queryset(VideoPageQuerySet)()

    content_panels = [
        *Page.content_panels,
        FieldPanel("video"),
        FieldPanel("body"),
        HelpPanel(
            template="publishing/panels/kept_text.html",
            heading=_("From the video"),
            attrs={"id": "kept-text"},
        ),
    ]

    base_form_class = VideoPageForm
    parent_page_types = ["publishing.VideoIndexPage"]
    subpage_types: list[str] = []
    template = "publishing/video_page.html"

    class Meta:
        verbose_name = _("video page")
        verbose_name_plural = _("video pages")

    def copy_text(self) -> None:
        """Copy the current text of the video. Does not save."""
        text = text_from_video(self.video)
        self.summary = text.summary
        self.questions, self.expert_names = list(text.questions), list(text.expert_names)

    def save_revision(self, *args: Any, **kwargs: Any) -> Revision:
        if not self.live:  # nobody reads it yet, so that the draft keeps up with the video
            self.copy_text()
        revision: Revision = super().save_revision(*args, **kwargs)
        return revision

    @property
    def is_restricted(self) -> bool:
        """Whether Wagtail's page privacy protects this page, by itself or from above."""
        return is_restricted(self)

    @cached_property
    def visibility(self) -> Visibility:
        """Who may watch the page; cached on this object."""
        return visibility_of(self)

    def lets_in(self, request: HttpRequest) -> bool:
        """Whether the page is restricted and the visitor passes all its restrictions."""
        restrictions = list(self.get_view_restrictions())
        return bool(restrictions) and all(one.accept_request(request) for one in restrictions)

    @property
    def playable_set(self) -> RenditionSet | None:
        """The renditions that the page's visitors may play now, if any."""
        if self.cut is None:
            return None
        current: RenditionSet | None = self.cut.current_set
        return current if self.is_restricted else self.public_set

    @property
    def public_set(self) -> RenditionSet | None:
        """The renditions that anyone may play now, if any."""
        if self.cut is None:
            return None
        if not hasattr(self.cut, "playable_sets"):
            prefetch_related_objects(
                [self.cut],
                Prefetch("sets", RenditionSet.objects.on_show(), to_attr="playable_sets"),
            )
        return self.cut.playable_sets[0] if self.cut.playable_sets else None

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        shown = self.playable_set
        is_preview = getattr(request, "is_preview", False)
        if shown is None and is_preview:
            cut = approved_cut(self.video) or self.cut
            shown = cut.current_set if cut else None
        captions = captions_of(shown, is_draft=bool(getattr(request, "is_preview", False)))
        return {
            **super().get_context(request, *args, **kwargs),
            "video": self.video,
            "set": shown,
            "captions": captions,
            "poster": poster_url(shown, 960) if shown and shown.is_public else "",
            "transcript": captions[0].paragraphs if captions else [],
            "related": VideoPage.objects.related_to(self)[:RELATED_VIDEOS],
            "metadata": page_metadata(self, shown),
            "beside": extras_for(self, "beside", is_preview=is_preview),
            "feet": extras_for(self, "foot", is_preview=is_preview),
        }

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.playable_set is None:
            raise Http404  # live without the gate's doing, say by an SQL statement
        response: HttpResponse = super().serve(request, *args, **kwargs)
        return with_cache_headers(self, request, allow_player_styles(response))

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        with translation.override(settings.LANGUAGE_CODE):  # as visitors read it
            response: HttpResponse = super().serve_preview(request, mode_name)
            if isinstance(response, SimpleTemplateResponse):
                response.render()
        return disable_caching(allow_player_styles(response))

    def permissions_for_user(self, user: User | AnonymousUser) -> VideoPagePermissions:
        return VideoPagePermissions(user, self)

    def full_clean(self, *args: Any, **kwargs: Any) -> None:
        self.fill_slug()
        super().full_clean(*args, **kwargs)

    def minimal_clean(self) -> None:
        self.fill_slug()
        super().minimal_clean()

    def fill_slug(self) -> None:
        """Generate a slug from the title if there is none, different from those of siblings."""
        parent = self.get_parent() if self.path else getattr(self, "_cached_parent_obj", None)
        if parent and not self.slug:
            siblings = parent.get_children().not_page(self) if self.pk else parent.get_children()
            taken = siblings.values_list("slug", flat=True)
            self.slug: str = slug_for(self.title, taken)

    def with_content_json(self, content: dict[str, Any]) -> "VideoPage":
        """A revision changes neither the video nor the cut of a page, nor expires it."""
        page: VideoPage = super().with_content_json(content)
        page.video_id, page.cut_id = self.video_id, self.cut_id
        for name in PublicText._fields:
            if name not in content:  # a revision from before pages kept their text
                setattr(page, name, getattr(self, name))
        if page.expire_at and page.expire_at <= timezone.now():
            page.expire_at = None  # it is over: what is published from now on stays
        return page

    def publish(
        self, revision: Revision, user: User | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """Publish a revision, all or nothing. Raises PublishRefused.

        If a scheduled revision is refused, its producer is mailed and the schedule is cleared,
        because other pages are waiting.
        """
        is_scheduled = kwargs.get("log_action") == "wagtail.publish.scheduled"
        try:
            with transaction.atomic(), acting_as(user):
                if is_scheduled and (reason := expiry_blocker(self.title, revision)):
                    raise PublishRefused(reason)
                super().publish(revision, user, *args, **kwargs)
        except ValidationError as refusal:
            if not is_scheduled:
                raise
            cancel_schedule(self, revision, refusal)

    def unpublish(
        self,
        set_expired: bool = False,
        commit: bool = True,
        user: User | None = None,
        log_action: bool | str = True,
    ) -> None:
        with transaction.atomic(), acting_as(user):
            super().unpublish(set_expired, commit, user, log_action)


def captions_of(shown: RenditionSet | None, *, is_draft: bool) -> list[Any]:
    """The captions of a set: the published ones, or in a preview the current ones."""
    if shown is None:
        return []
    cut = shown.cut
    captions = cut.captions.with_words() if is_draft else cut.public_captions.all()
    return list(captions.defer("webvtt"))


def is_restricted(page: Page) -> bool:
    """Whether Wagtail's page privacy protects a page, by itself or from above."""
    if not PageViewRestriction.objects.exists():
        return False  # nowhere: most studios need not look for the pages above
    return bool(page.get_view_restrictions().exists())


def with_cache_headers(page: Page, request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The response of a page with cache headers; restricted pages are not cached."""
    if is_restricted(page):
        return disable_caching(response)
    return cache_for_a_minute(request, response)


@register_setting(icon="view")
class Appearance(SingleLines, BaseSiteSetting):
    """The appearance of the site: name, logo, accent colour and footer."""

    company_name = models.CharField(_("company name"), max_length=120, blank=True)
    logo = models.ForeignKey(
        "wagtailimages.Image",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("logo"),
        help_text=_("Shown 32 pixels high. Leave empty to show the company's name."),
    )
    accent = models.CharField(
        _("accent colour"),
        max_length=7,
        default="#0b5cad",
        help_text=_("Six hexadecimal digits, for example “#0b5cad”. Used for links and buttons."),
    )
    footer = RichTextField(
        _("foot of the page"),
        blank=True,
        features=["bold", "italic", "link"],
        help_text=_("For example your address and a link to the imprint."),
    )

    panels = [
        FieldPanel("company_name"),
        FieldPanel("logo"),
        FieldPanel("accent"),
        FieldPanel("footer"),
    ]

    class Meta:
        verbose_name = _("appearance of the site")

    def clean(self) -> None:
        super().clean()
        try:
            ratio = contrast(self.accent, PAPER)
        except ValueError:
            raise ValidationError(
                {"accent": _("Enter the colour as “#” and six hexadecimal digits.")}
            ) from None
        if ratio < READABLE:
            raise ValidationError({"accent": contrast_error(self.accent, ratio)})

    @property
    def version(self) -> str:
        """Changes with the colours, so that browsers may cache the style sheet."""
        return self.accent.lstrip("#").lower()


def contrast_error(accent: str, ratio: float) -> str:
    """Why an accent colour is refused."""
    return gettext(
        "“%(accent)s” is too light to be read on white: its contrast is %(ratio)s to 1, and must"
        " be at least %(least)s to 1. Choose a darker colour."
    ) % {
        "accent": accent,
        "ratio": number_format(floor(ratio * 10) / 10, 1),
        "least": number_format(READABLE, 1),
    }
