"""The public site: the index of published videos, the page of each, and how the site looks."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Prefetch, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.fields import RichTextField
from wagtail.models import Page, PageManager, Revision
from wagtail.query import PageQuerySet

from studio.people.models import User
from videos.media.captions import transcript
from videos.media.models import Cut, RenditionSet
from videos.planning.models import Video
from videos.publishing.colours import PAPER, READABLE, contrast
from videos.publishing.extras import extras_for
from videos.publishing.forms import VideoPageForm
from videos.publishing.permissions import NeverCopied
from videos.publishing.policy import with_player
from videos.publishing.posters import poster_url
from videos.publishing.schedule import acting_as, drop_schedule
from videos.publishing.sharing import sharing
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
            .prefetch_related(
                "video__experts__user", Prefetch("cut__sets", shown, to_attr="shown_sets")
            )
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


class VideoPage(Page):
    """The public page of one video. It goes live only with an approved cut, which it keeps.

    `cut` is what viewers watch, written when the page is published.
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

    objects = PageManager.from_queryset(VideoPageQuerySet)()

    content_panels = [*Page.content_panels, FieldPanel("video"), FieldPanel("body")]

    base_form_class = VideoPageForm
    parent_page_types = ["publishing.VideoIndexPage"]
    subpage_types: list[str] = []
    template = "publishing/video_page.html"

    class Meta:
        verbose_name = _("video page")
        verbose_name_plural = _("video pages")

    @property
    def shown_set(self) -> RenditionSet | None:
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
        if shown is None and getattr(request, "is_preview", False):
            cut = self.cut or approved_cut(self.video)
            shown = cut.current_set if cut else None
        captions = list(shown.cut.captions.with_words()) if shown else []
        return {
            **super().get_context(request, *args, **kwargs),
            "video": self.video,
            "set": shown,
            "captions": captions,
            "poster": poster_url(shown, 960) if shown and shown.is_public else "",
            "transcript": transcript(captions[0]) if captions else [],
            "questions": self.video.questions.values_list("text", flat=True),
            "related": VideoPage.objects.related_to(self)[:RELATED],
            "sharing": sharing(self, shown),
            "notices": extras_for(request, self, "notice"),
            "feet": extras_for(request, self, "foot"),
        }

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.shown_set is None:
            raise Http404  # live without the gate's doing, say by an SQL statement
        response: HttpResponse = super().serve(request, *args, **kwargs)
        return with_player(response)

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        response: HttpResponse = super().serve_preview(request, mode_name)
        return with_player(response)

    def permissions_for_user(self, user: User | AnonymousUser) -> NeverCopied:
        return NeverCopied(user, self)

    def with_content_json(self, content: dict[str, Any]) -> "VideoPage":
        """A revision never changes the video of a page, nor what viewers watch."""
        page: VideoPage = super().with_content_json(content)
        page.video_id, page.cut_id = self.video_id, self.cut_id
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


@register_setting(icon="view")
class Appearance(BaseSiteSetting):
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
