"""The public site: the index of published videos, the page of each, and how the site looks."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.fields import RichTextField
from wagtail.models import Page, Revision

from studio.people.models import User
from videos.media.models import Cut
from videos.planning.models import Video
from videos.publishing.extras import extras_for
from videos.publishing.forms import VideoPageForm
from videos.publishing.permissions import NeverCopied
from videos.publishing.schedule import acting_as, drop_schedule

PLAIN_TEXT = ["bold", "italic", "link", "ol", "ul", "h2", "h3"]


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

    def permissions_for_user(self, user: User) -> NeverCopied:
        return NeverCopied(user, self)


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

    content_panels = [*Page.content_panels, FieldPanel("video"), FieldPanel("body")]

    base_form_class = VideoPageForm
    parent_page_types = ["publishing.VideoIndexPage"]
    subpage_types: list[str] = []
    template = "publishing/video_page.html"

    class Meta:
        verbose_name = _("video page")
        verbose_name_plural = _("video pages")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context(request, *args, **kwargs),
            "notices": extras_for(request, self, "notice"),
            "feet": extras_for(request, self, "foot"),
        }

    def permissions_for_user(self, user: User) -> NeverCopied:
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
