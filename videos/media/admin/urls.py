"""The admin URLs of the page of a cut and its actions."""

from django.urls import path

from videos.media.admin.views import captions, cut, remove

cut_urls = [
    path("cuts/<int:pk>/", cut.CutPageView.as_view(), name="media_cut"),
    path("cuts/<int:pk>/remove/", remove.RemoveCutView.as_view(), name="media_remove"),
    path("cuts/<int:pk>/poster/", cut.PosterView.as_view(), name="media_poster"),
    path("cuts/<int:pk>/sound/", cut.SoundView.as_view(), name="media_sound"),
    path("cuts/<int:pk>/source/", cut.SourceView.as_view(), name="media_source"),
    path("cuts/<int:pk>/captions/", captions.UploadView.as_view(), name="media_captions"),
    path(
        "cuts/<int:pk>/captions/new/",
        captions.NewView.as_view(),
        name="media_new_captions",
    ),
    path(
        "cuts/<int:pk>/captions/machine/",
        captions.MachineView.as_view(),
        name="media_machine_captions",
    ),
    path(
        "cuts/<int:pk>/captions/inside/",
        captions.InnerView.as_view(),
        name="media_inner_captions",
    ),
    path("captions/<int:pk>/", captions.EditView.as_view(), name="media_edit_captions"),
    path(
        "captions/<int:pk>/remove/",
        captions.RemoveView.as_view(),
        name="media_remove_captions",
    ),
    path(
        "captions/<int:pk>/download.<slug:kind>",
        captions.DownloadView.as_view(),
        name="media_download_captions",
    ),
]
