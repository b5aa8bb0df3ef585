"""The public site: the index of published videos, the page of each, and how the site looks."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Prefetch, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, HelpPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.fields import RichTextField
from wagtail.models import Page, PageManager, PageViewRestriction, Revision
from wagtail.query import PageQuerySet

from studio.people.models import User
from studio.single_line import SingleLines
from videos.media.models import Cut, RenditionSet
from videos.planning.models import Video
from videos.publishing.caching import kept_by_nobody, kept_for_a_minute
from videos.publishing.colours import PAPER, READABLE, contrast
from videos.publishing.extras import extras_for
from videos.publishing.forms import VideoPageForm
from videos.publishing.permissions import NeverCopied
from videos.publishing.policy import with_player
from videos.publishing.posters import poster_url
from videos.publishing.reach import Reach, reach_of
from videos.publishing.schedule import acting_as, drop_schedule
from videos.publishing.sharing import sharing
from videos.publishing.texts import PublicText, text_of
from videos.review.approvals import approved_cut

PAGE_SIZE = 12  # videos on one page of the index
RELATED = 3
PLAIN_TEXT = ["bold", "italic", "link", "ol", "ul", "h2", "h3"]


class VideoPageQuerySet(PageQuerySet):
    """Asks for the pages of videos."""

    def on_show(self) -> "VideoPageQuerySet":
        """Live pages whose cut anyone may play, newest first, with all that a card prints."""
        shown = RenditionSet.objects.on_show()
        pages: VideoPageQuerySet = (
            self.live()
            .public()
            .filter(Exists(shown.filter(cut=OuterRef("cut"))))
            .select_related("video")
            .prefetch_related(Prefetch("cut__sets", shown, to_attr="shown_sets"))
            .order_by("-video__published_at", "-pk")
        )
        return pages

    def related_to(self, page: "VideoPage") -> "VideoPageQuerySet":
        """Pages on show that share an expert with `page` come first."""
        experts = page.video.experts.values("pk")
        shared = Video.experts.through.objects.filter(video=OuterRef("video"), expert__in=experts)
        pages: VideoPageQuerySet = (
            self.on_show()
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

    def permissions_for_user(self, user: User | AnonymousUser) -> NeverCopied:
        return NeverCopied(user, self)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        pages = Paginator(VideoPage.objects.on_show(), PAGE_SIZE)
        return {
            **super().get_context(request, *args, **kwargs),
            "videos": pages.get_page(request.GET.get("page")),
        }

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().serve(request, *args, **kwargs)
        return kept(self, request, response)

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        response: HttpResponse = super().serve_preview(request, mode_name)
        return kept_by_nobody(response)


class VideoPage(Page):
    """The public page of one video. It goes live only with an approved cut, which it keeps.

    `cut` is what viewers watch, written when the page is published. `summary`, `questions` and
    `expert_names` are what it prints of the video's planning: they are taken when a draft is saved
    of a page that is not live, then change by `publish_text` alone.
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
        features=PLAIN_TEXT,
        help_text=_("Below the player. The summary is written on the video itself."),
    )
    # What the page prints of its video's planning, see `texts.py`
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

    def take_text(self) -> None:
        """Keep what is written on the video at this moment. Does not save."""
        text = text_of(self.video)
        self.summary = text.summary
        self.questions, self.expert_names = list(text.questions), list(text.expert_names)

    def save_revision(self, *args: Any, **kwargs: Any) -> Revision:
        if not self.live:  # nobody reads it yet, so that the draft keeps up with the video
            self.take_text()
        revision: Revision = super().save_revision(*args, **kwargs)
        return revision

    @property
    def is_restricted(self) -> bool:
        """Whether Wagtail's page privacy protects this page, by itself or from above."""
        return is_restricted(self)

    @cached_property
    def reach(self) -> Reach:
        """How public the page is, asked once for this object."""
        return reach_of(self)

    def is_passed_by(self, request: HttpRequest) -> bool:
        """Whether the page is restricted, and the visitor has passed all that protects it."""
        restrictions = list(self.get_view_restrictions())
        return bool(restrictions) and all(one.accept_request(request) for one in restrictions)

    @property
    def shown_set(self) -> RenditionSet | None:
        """What the page's visitors may play now, if anything."""
        if self.cut is None:
            return None
        current: RenditionSet | None = self.cut.current_set
        return current if self.is_restricted else self.public_set

    @property
    def public_set(self) -> RenditionSet | None:
        """What anyone may play now, if anything."""
        if self.cut is None:
            return None
        if not hasattr(self.cut, "shown_sets"):
            prefetch_related_objects(
                [self.cut],
                Prefetch("sets", RenditionSet.objects.on_show(), to_attr="shown_sets"),
            )
        return self.cut.shown_sets[0] if self.cut.shown_sets else None

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        shown = self.shown_set
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
            "related": VideoPage.objects.related_to(self)[:RELATED],
            "sharing": sharing(self, shown),
            "beside": extras_for(self, "beside", is_preview=is_preview),
            "feet": extras_for(self, "foot", is_preview=is_preview),
        }

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.shown_set is None:
            raise Http404  # live without the gate's doing, say by an SQL statement
        response: HttpResponse = super().serve(request, *args, **kwargs)
        return kept(self, request, with_player(response))

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        response: HttpResponse = super().serve_preview(request, mode_name)
        return kept_by_nobody(with_player(response))

    def permissions_for_user(self, user: User | AnonymousUser) -> NeverCopied:
        return NeverCopied(user, self)

    def with_content_json(self, content: dict[str, Any]) -> "VideoPage":
        """A revision never changes the video of a page, nor what viewers watch."""
        page: VideoPage = super().with_content_json(content)
        page.video_id, page.cut_id = self.video_id, self.cut_id
        for name in PublicText._fields:
            if name not in content:  # a revision from before pages kept their text
                setattr(page, name, getattr(self, name))
        return page

    def publish(
        self, revision: Revision, user: User | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """Publish a revision, all or nothing. Raises gate.PublishRefused.

        A refusal of a scheduled publication is told to its producer instead, and the schedule
        is cleared: other pages are waiting.
        """
        try:
            with transaction.atomic(), acting_as(user):
                super().publish(revision, user, *args, **kwargs)
        except ValidationError as refusal:
            if kwargs.get("log_action") != "wagtail.publish.scheduled":
                raise
            drop_schedule(self, revision, refusal)

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
    """The captions of a set: as they were published, or in a preview as they would be."""
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


def kept(page: Page, request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The response of a page, with who may keep it: nobody where it is restricted."""
    if is_restricted(page):
        return kept_by_nobody(response)
    return kept_for_a_minute(request, response)


@register_setting(icon="view")
class Appearance(SingleLines, BaseSiteSetting):
    """Whose site it is: name, logo, accent colour and the words at its foot."""

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
        help_text=_("As six hexadecimal digits, say “#0b5cad”. For links and buttons."),
    )
    footer = RichTextField(
        _("foot of the page"),
        blank=True,
        features=["bold", "italic", "link"],
        help_text=_("Say, your address and a link to the imprint."),
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
                {"accent": _("Write the colour as “#” and six hexadecimal digits.")}
            ) from None
        if ratio < READABLE:
            raise ValidationError({"accent": too_light(self.accent, ratio)})

    @property
    def version(self) -> str:
        """Changes with the colours, so that browsers may keep their style sheet."""
        return self.accent.lstrip("#").lower()


def too_light(accent: str, ratio: float) -> str:
    """Why an accent colour is refused."""
    return gettext(
        "“%(accent)s” is too light to be read on white: its contrast is %(ratio).1f to 1, and"
        " it takes 4.5 to 1. Choose a darker one."
    ) % {"accent": accent, "ratio": ratio}
