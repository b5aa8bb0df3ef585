"""The pages of imports: upload, check, correct or leave out bad rows, import."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View
from wagtail.admin.ui.tables import TitleColumn

from studio.once.views import Once
from studio.spreadsheets import log_export
from studio.ui.acts import ActedOnIndexView, ActedOnViewSet, ActView, MakeView, RowPage
from studio.ui.tables import CARDS, LabelledColumn, MomentColumn
from videos.deals.access import may_import
from videos.deals.imports.browser import actions
from videos.deals.imports.browser.bad_row_files import count_rows
from videos.deals.imports.browser.import_report import ImportReport
from videos.deals.imports.schemas import CRM_SCHEMAS, VIEW_SCHEMAS
from videos.deals.models import Import

BAD_SHOWN = 50
NOTES_SHOWN = 10  # more are shown on demand


class FilesInput(forms.ClearableFileInput):
    """A file input for several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """The files; each is there and has a name. Raises ValidationError."""
        several = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(one, initial) for one in several]


class UploadForm(forms.ModelForm):
    """The files to import."""

    uploads = FilesField(
        label=gettext_lazy("CSV files"),
        max_length=200,
        allow_empty_file=True,  # the check reports what is wrong with it
        widget=FilesInput(attrs={"accept": ".csv,text/csv"}),
        help_text=gettext_lazy("One or more of the files below, preferably all at once."),
    )

    class Meta:
        model = Import
        fields: list[str] = []


class ImportIndexView(ActedOnIndexView):
    """Imports in the browser, newest first."""

    default_ordering = "-pk"
    table_classname = CARDS
    add_item_label = gettext_lazy("Import files")
    results_template_name = "deals/importing/list_results.html"

    def get_base_queryset(self) -> QuerySet[Import]:
        found: QuerySet[Import] = super().get_base_queryset()
        return found.select_related("by", "confirmed_by").prefetch_related("files")


class UploadView(Once, MakeView):
    """Uploads files and opens the page of the import."""

    template_name = "deals/importing/upload.html"
    page_subtitle = gettext_lazy("Import files")

    def form_valid(self, form: UploadForm) -> HttpResponse:
        try:
            self.object = actions.upload(form.cleaned_data["uploads"], by=self.request.user)
        except actions.UploadRefused as refusal:
            return self.refused(form, "uploads", refusal)
        return redirect("deals_imports:inspect", self.object.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        sheets = [
            (
                gettext_lazy("From the CRM"),
                [(one.file, one.columns, one.optional) for one in CRM_SCHEMAS],
            ),
            (
                gettext_lazy("From other players"),
                [(one.file, one.columns, one.optional) for one in VIEW_SCHEMAS],
            ),
        ]
        return context | {
            "sheets": sheets,
            "most": actions.MAX_BYTES // 1024**2,
            "submit_button_label": _("Upload and check"),
        }


class ImportPage(RowPage):
    """The page of an import: what it would do or did, its bad rows, and its actions."""

    template_name = "deals/importing/import.html"
    page_title = gettext_lazy("Import")

    def get_template_names(self) -> list[str]:
        """The whole page, or the part that is fetched again while the import is running."""
        if "part" in self.request.GET:
            return ["deals/importing/import_part.html"]
        names: list[str] = super().get_template_names()
        return names

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        made: Import = self.object
        report = ImportReport.from_json(made.report)
        files = list(made.files.defer("packed"))
        bad = list(report.bad) if report else []
        return context | {
            "report": report,
            "files": files,
            "counts": [
                (file, (report.counts or {}).get(file.name) if report else None) for file in files
            ],
            "own_bad": sum(not row.follows for row in bad),
            "is_held": any(row.held for row in bad),
            "only_held": all(row.held for row in bad),
            "bad": bad[:BAD_SHOWN],
            "more_bad": (report.bad_count if report else 0) - len(bad[:BAD_SHOWN]),
            "to_mend": [file for file in files if file.packed_bad_rows],
            "noted": attention_notes(report) if report else [],
            "is_checked": made.state == Import.State.CHECKED,
            "is_done": made.state == Import.State.DONE,
        }


def attention_notes(report: ImportReport) -> list[dict[str, Any]]:
    """Returns what deserves attention after an import, each kind with its count."""
    noted = report.noted
    found: list[dict[str, Any]] = [
        {
            "heading": _("New contacts with the e-mail address of an existing contact"),
            "about": _(
                "The CRM has two ids for them. Views by the existing contact do not count for the "
                "deals of the new one. Add the existing contact to these deals as well."
            ),
            "count": noted.twins_count,
            "rows": noted.twins,
            "more": noted.twins_count - len(noted.twins),
        },
        {
            "heading": _("Changes to closed deals"),
            "about": _("They are in the history, and administrators can see who imported them."),
            "count": noted.closed_count,
            "rows": noted.closed,
            "more": noted.closed_count - len({row.url for row in noted.closed}),
        },
        {
            "heading": _("Corrections made here that new values from the CRM replace"),
            "about": _(
                "These values changed in the CRM. Whoever made the corrections gets a mail."
            ),
            "count": noted.overruled_count,
            "rows": noted.overruled,
            "more": noted.overruled_count - len(noted.overruled),
        },
        {
            "heading": _("Corrections made here that are kept"),
            "about": _("The values in the CRM have not changed since the corrections were made."),
            "count": noted.kept_count,
            "rows": noted.kept,
            "more": noted.kept_count - len(noted.kept),
        },
    ]
    return [{**one, "is_long": len(one["rows"]) > NOTES_SHOWN} for one in found if one["count"]]


class ImportAct(ActView):
    """An action on an import."""

    @cached_property
    def made(self) -> Import:
        return get_object_or_404(Import, pk=self.kwargs["pk"])

    def may_act(self) -> bool:
        return may_import(self.by)

    def back(self) -> str:
        return reverse("deals_imports:inspect", args=[self.made.pk])


class ConfirmView(ImportAct):
    """Starts an import."""

    def act(self) -> str:
        leaves_out = "leave_out" in self.request.POST
        actions.confirm(self.made.pk, leaves_out=leaves_out, by=self.by)
        return ""


class DiscardView(ImportAct):
    """Discards an import."""

    def act(self) -> str:
        actions.discard(self.made.pk, by=self.by)
        return _("The import was discarded. Nothing was imported.")


class BadRowsView(View):
    """Downloads the bad rows of one file as CSV, to correct and upload again."""

    def get(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        if not may_import(request.user):
            raise PermissionDenied
        made = get_object_or_404(Import, pk=pk)
        file = get_object_or_404(made.files.defer("packed"), name=name)
        if not file.packed_bad_rows:
            raise Http404
        url = reverse("deals_imports:inspect", args=[made.pk])
        what = _("Bad rows of %(file)s") % {"file": file.name}
        log_export(request, what, rows=count_rows(file.bad_rows), kind="csv", url=url)
        response = HttpResponse(file.bad_rows, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{file.name}"'
        response["Cache-Control"] = "no-store"
        return response


class ImportViewSet(ActedOnViewSet):
    """Imports in the browser."""

    model = Import
    url_prefix = "imports"
    url_namespace = "deals_imports"
    icon = "upload"
    menu_label = gettext_lazy("Imports")
    menu_order = 710
    add_to_settings_menu = True
    is_searchable = False
    index_view_class = ImportIndexView
    add_view_class = UploadView
    inspect_view_class = ImportPage
    list_per_page = 30
    list_display = [
        TitleColumn(
            "at",
            label=gettext_lazy("Import"),
            accessor=str,
            get_url=lambda made: reverse("deals_imports:inspect", args=[made.pk]),
        ),
        LabelledColumn("state", label=gettext_lazy("State"), accessor="get_state_display"),
        LabelledColumn(
            "files",
            label=gettext_lazy("Files"),
            accessor=lambda made: ", ".join(file.name for file in made.files.all()),
        ),
        LabelledColumn("by", label=gettext_lazy("Uploaded by")),
        LabelledColumn("confirmed_by", label=gettext_lazy("Imported by")),
        MomentColumn("ended_at", label=gettext_lazy("Ended")),
    ]

    def get_form_class(self, for_update: bool = False) -> type:
        return UploadForm

    def act_urlpatterns(self) -> list[URLPattern]:
        return [
            path("<int:pk>/confirm/", ConfirmView.as_view(), name="confirm"),
            path("<int:pk>/drop/", DiscardView.as_view(), name="discard"),
            path("<int:pk>/bad-rows/<str:name>", BadRowsView.as_view(), name="bad_rows"),
        ]
