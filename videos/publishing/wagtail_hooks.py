"""Publishing in the admin: its part of a video's page, and the acts on it."""

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry

from videos.planning.panels import register_video_panel
from videos.publishing import acts
from videos.publishing.panels import PublicPagePanel

register_video_panel(PublicPagePanel)


@hooks.register("register_log_actions")
def register_publishing_log_actions(actions: LogActionRegistry) -> None:
    """What the history of a page says of acts that Wagtail does not know."""
    actions.register_action(
        acts.CAPTIONS_PUBLISHED, _("Publish captions"), _("Published captions and poster")
    )


@hooks.register("register_admin_urls")
def register_publishing_urls() -> list[URLPattern]:
    """The acts on a public page; all of them by POST."""
    return [
        path("publishing/make/<int:pk>/", acts.make_page, name="publishing_make_page"),
        path("publishing/publish/<int:pk>/", acts.publish_now, name="publishing_publish"),
        path("publishing/carry/<int:pk>/", acts.carry, name="publishing_carry_over"),
        path("publishing/captions/<int:pk>/", acts.publish_captions, name="publishing_captions"),
        path("publishing/text/<int:pk>/", acts.publish_text, name="publishing_text"),
        path("publishing/replace/<int:pk>/", acts.replace_cut, name="publishing_replace_cut"),
    ]
