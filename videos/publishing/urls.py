"""The addresses of the public site that are no pages."""

from django.urls import path
from wagtail.contrib.sitemaps.views import sitemap

from videos.publishing import views

urlpatterns = [
    path("site.css", views.site_css, name="publishing_site_css"),
    path("posters/<uuid:key>/<int:width>.webp", views.poster, name="publishing_poster"),
    path(
        "posters/<uuid:key>/<uuid:chosen>/<int:width>.webp",
        views.poster,
        name="publishing_chosen_poster",
    ),
    path("files/<path:path>", views.picture, name="publishing_picture"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", sitemap, name="sitemap"),
]
