"""Publishing in the admin: its part of a video's page, and the acts on it."""

from django.urls import URLPattern, path
from wagtail import hooks

from videos.planning.panels import register_video_panel
from videos.publishing import acts
from videos.publishing.panels import PublicPagePanel

register_video_panel(PublicPagePanel)


@hooks.register("register_admin_urls")
def register_publishing_urls() -> list[URLPattern]:
    """The acts on a public page; all of them by POST."""
    return [
        path("publishing/make/<int:pk>/", acts.make_page, name="publishing_make_page"),
        path("publishing/publish/<int:pk>/", acts.publish_now, name="publishing_publish"),
        path("publishing/replace/<int:pk>/", acts.replace_cut, name="publishing_replace_cut"),
    ]
