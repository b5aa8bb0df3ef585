"""Every address of the studio. The public site, last, takes what is left."""

from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from studio.api import api
from studio.people.views import site_history, site_history_results

urlpatterns = [
    # In place of Wagtail's own, which follow
    path("admin/reports/site-history/", site_history),
    path("admin/reports/site-history/results/", site_history_results),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("api/v1/", api.urls),
    path("", include("studio.operations.urls")),
    path("", include("videos.media.urls")),
    path("", include("videos.audience.urls")),
    path("", include("videos.publishing.urls")),
    path("", include(wagtail_urls)),
]
