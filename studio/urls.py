"""The studio's URLs. The public site comes last and handles the rest."""

from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from studio.api import api
from studio.people.admin.views import first_run, invitations
from studio.people.admin.views import overrides as people
from videos.publishing.admin import retiring

handler500 = "studio.outages.server_error"

urlpatterns = [
    # These override Wagtail's, which follow
    path("admin/reports/site-history/", people.site_history),
    path("admin/reports/site-history/results/", people.site_history_results),
    path("admin/login/", people.login),
    path("admin/first-run/", first_run.first_run, name="people_first_run"),
    path("admin/invitation/<str:token>/", invitations.accept, name="people_accept_invitation"),
    path("admin/password_reset/confirm/<uidb64>/<token>/", people.confirm_reset),
    path("admin/account/", people.own_account),
    path("admin/pages/<int:page_id>/unpublish/", retiring.unpublish),
    path("admin/pages/<int:page_id>/delete/", retiring.delete),
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
