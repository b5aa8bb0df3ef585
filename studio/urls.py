"""Every address of the studio. The public site, last, takes what is left."""

from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from studio.api import api
from studio.people import views as people

urlpatterns = [
    # In place of Wagtail's own, which follow
    path("admin/reports/site-history/", people.site_history),
    path("admin/reports/site-history/results/", people.site_history_results),
    path("admin/login/", people.login),
    path("admin/password_reset/confirm/<uidb64>/<token>/", people.confirm_reset),
    path("admin/account/", people.own_account),
    path("_util/login/", people.login_elsewhere),
    path(
        "_util/authenticate_with_password/<int:page_view_restriction_id>/<int:page_id>/",
        people.page_password,
    ),
    path("documents/authenticate_with_password/<int:restriction_id>/", people.collection_password),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("api/v1/", api.urls),
    path("", include("studio.operations.urls")),
    path("", include("videos.media.urls")),
    path("", include("videos.audience.urls")),
    path("", include("videos.publishing.urls")),
    path("", include(wagtail_urls)),
]
