"""Where the files of sets are."""

from django.urls import path

from videos.media.serving import media_file

urlpatterns = [
    path("media/<uuid:key>/<path:path>", media_file, name="media_file"),
]
