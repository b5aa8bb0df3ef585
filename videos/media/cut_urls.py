"""The addresses in the admin of one cut's page, and of what is done there."""

from django.urls import path

from videos.media import caption_views, cut_page, remove_view

cut_urls = [
    path("cuts/<int:pk>/", cut_page.CutPageView.as_view(), name="media_cut"),
    path("cuts/<int:pk>/remove/", remove_view.RemoveCutView.as_view(), name="media_remove"),
    path("cuts/<int:pk>/poster/", cut_page.PosterView.as_view(), name="media_poster"),
    path("cuts/<int:pk>/sound/", cut_page.SoundView.as_view(), name="media_sound"),
    path("cuts/<int:pk>/source/", cut_page.SourceView.as_view(), name="media_source"),
    path("cuts/<int:pk>/captions/", caption_views.UploadView.as_view(), name="media_captions"),
    path(
        "cuts/<int:pk>/captions/new/",
        caption_views.NewView.as_view(),
        name="media_new_captions",
    ),
    path(
        "cuts/<int:pk>/captions/machine/",
        caption_views.MachineView.as_view(),
        name="media_machine_captions",
    ),
    path(
        "cuts/<int:pk>/captions/inside/",
        caption_views.InnerView.as_view(),
        name="media_inner_captions",
    ),
    path("captions/<int:pk>/", caption_views.EditView.as_view(), name="media_edit_captions"),
    path(
        "captions/<int:pk>/remove/",
        caption_views.RemoveView.as_view(),
        name="media_remove_captions",
    ),
    path(
        "captions/<int:pk>/download.<slug:kind>",
        caption_views.DownloadView.as_view(),
        name="media_download_captions",
    ),
]
