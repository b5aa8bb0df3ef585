"""Publishing in the admin: its part of a video's page, and the acts on it."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry

from videos.planning.admin.panels import register_video_panel
from videos.publishing.admin import page_actions
from videos.publishing.admin.panels import PublicPagePanel
from videos.publishing.admin.retiring import RetireButton, RetireMenuItem, RetireView

register_video_panel(PublicPagePanel)


@hooks.register("register_page_action_menu_item")
def register_retire() -> RetireMenuItem:
    """*Retire* in the editor's menu."""
    return RetireMenuItem(order=20)


@hooks.register("register_page_listing_more_buttons")
def retire_in_lists(page: Any, user: Any, next_url: str | None = None) -> Iterator[RetireButton]:
    """*Retire* in the menu of a page in a list."""
    yield RetireButton(page=page, priority=40)


@hooks.register("register_page_header_buttons")
def retire_in_the_head(
    page: Any, user: Any, view_name: str, next_url: str | None = None
) -> Iterator[RetireButton]:
    """*Retire* in the menu of a page's head."""
    yield RetireButton(page=page, priority=60)


@hooks.register("register_log_actions")
def register_publishing_log_actions(actions: LogActionRegistry) -> None:
    """What the history of a page says of acts that Wagtail does not know."""
    actions.register_action(
        page_actions.CAPTIONS_PUBLISHED, _("Publish captions"), _("Published captions and poster")
    )


@hooks.register("register_admin_urls")
def register_publishing_urls() -> list[URLPattern]:
    """The acts on a public page; all of them by POST, and *Retire* after a question."""
    return [
        path("publishing/make/<int:pk>/", page_actions.create_page, name="publishing_create_page"),
        path("publishing/publish/<int:pk>/", page_actions.publish_now, name="publishing_publish"),
        path(
            "publishing/carry/<int:pk>/",
            page_actions.carry_over_to_cut,
            name="publishing_carry_over",
        ),
        path(
            "publishing/captions/<int:pk>/",
            page_actions.publish_captions,
            name="publishing_captions",
        ),
        path("publishing/text/<int:pk>/", page_actions.publish_text, name="publishing_text"),
        path("publishing/retire/<int:pk>/", RetireView.as_view(), name="publishing_retire"),
        path(
            "publishing/replace/<int:pk>/", page_actions.replace_cut, name="publishing_replace_cut"
        ),
    ]
