"""Public addresses of the audience."""

from django.urls import path

from videos.audience.public_site import views

urlpatterns = [
    path("s/<str:token>", views.open_share_link, name="audience_share_link"),
    path("audience/state", views.consent, name="audience_state"),
    path("audience/problem", views.report_problem, name="audience_problem"),
    path("audience/remember", views.set_consent, name="audience_remember"),
]
