"""Public addresses of the audience."""

from django.urls import path

from videos.audience import views

urlpatterns = [
    path("s/<str:token>", views.open_share_link, name="share_link"),
    path("audience/state", views.state, name="audience_state"),
    path("audience/remember", views.decide, name="audience_remember"),
]
