"""Imports in the browser: looked at first, done as shown, without bad rows only when told to."""

import csv
import datetime as dt
import io
import tempfile
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from django.utils.timezone import now
from wagtail.models import ModelLogEntry

from studio import record
from studio.people.models import User
from studio.people.roles import Role
from studio.record import what_of
from tests.factories import ContactFactory, UserFactory
from tests.videos.deals.factories import DealFactory
from videos.audience.models import Company, Contact, View
from videos.audience.urls_for import contact_url
from videos.deals.deal_contacts import remove_contact
from videos.deals.imports import reconcile
from videos.deals.imports.browser import actions, dry_run
from videos.deals.imports.browser.bad_row_files import bad_rows_csv, leave_out
from videos.deals.imports.browser.import_report import BadRowEntry, ImportReport
from videos.deals.imports.crm_import import import_crm
from videos.deals.imports.import_lock import import_lock
from videos.deals.imports.upsert import RowCounts
from videos.deals.models import Correction, Deal, Import, ImportFile
from videos.deals.urls_for import deal_url
from videos.planning.models import Video

pytestmark = pytest.mark.django_db

COMPANIES = "company_id,name,domain\nK1,Harbour Street Bakery,bakery.example\n"
CONTACTS = "contact_id,email,name,company_id\nC1,priya@bakery.example,Priya Raman,K1\n"
DEALS = (
    "deal_id,name,company_id,owner_email,status,stage,amount,currency,created_at,closed_at\n"
    "D1,Two ovens,K1,,open,Offer,86000,EUR,2026-03-01T09:00:00+01:00,\n"
)
BAD_DEAL = "D2,No status,K1,,perhaps,,5,EUR,2026-03-01T09:00:00+01:00,\n"
PARTS = "deal_id,contact_id,role\nD1,C1,buyer\n"


def files(**content: str) -> list[SimpleUploadedFile]:
    """Uploads by name: `deals=…` is deals.csv."""
    return [SimpleUploadedFile(f"{name}.csv", text.encode()) for name, text in content.items()]


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    """What is to be done after the commit is done at the end of the block."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def uploaded(commit, sales_manager):
    """`uploaded(deals=…)` is an import that was looked at."""

    def upload(**content: str) -> Import:
        with commit():
            made = actions.upload(files(**content), by=sales_manager)
        made.refresh_from_db()
        return made

    return upload


def report_of(made: Import) -> ImportReport:
    made.refresh_from_db()
    report = ImportReport.from_json(made.report)
    assert report
    return report


def page_of(client: Client, made: Import) -> str:
    return client.get(reverse("deals_imports:inspect", args=[made.pk])).content.decode()


def test_looking_tells_what_would_be_done_and_does_nothing(uploaded):
    ContactFactory(public_id="C1", name="P. Raman", email="priya@bakery.example")
    before = ModelLogEntry.objects.exclude(action="deals.upload_import").count()
    made = uploaded(companies=COMPANIES, contacts=CONTACTS, deals=DEALS, deal_contacts=PARTS)
    report = report_of(made)
    assert made.state == Import.State.CHECKED
    assert report.counts == {
        "companies.csv": RowCounts(1, 0, 0),
        "contacts.csv": RowCounts(0, 1, 0),
        "deals.csv": RowCounts(1, 0, 0),
        "deal_contacts.csv": RowCounts(1, 0, 0),
    }
    assert ("deal", "Two ovens") in {(one.kind, one.name) for one in report.created}
    [changed] = report.changed
    assert changed.name == "Priya Raman"
    assert any("“P. Raman” → “Priya Raman”" in said for said in changed.changes)
    assert not Deal.objects.exists()
    assert Contact.objects.get(public_id="C1").name == "P. Raman"
    after = ModelLogEntry.objects.exclude(action="deals.upload_import").count()
    assert after == before


def test_what_was_shown_is_done_once_it_is_confirmed_and_on_record(
    uploaded, commit, signed_in, sales_manager
):
    deal = DealFactory(public_id="D1", amount=Decimal("1.00"))
    made = uploaded(companies=COMPANIES, deals=DEALS)
    with commit():
        answer = signed_in(sales_manager).post(reverse("deals_imports:confirm", args=[made.pk]))
    assert answer["Location"] == reverse("deals_imports:inspect", args=[made.pk])
    made.refresh_from_db()
    assert (made.state, made.confirmed_by) == (Import.State.DONE, sales_manager)
    deal.refresh_from_db()
    assert deal.amount == 86000
    edit = ModelLogEntry.objects.for_instance(deal).get(action="wagtail.edit")
    assert (edit.user, edit.data["by_import"]) == (sales_manager, True)
    done = ModelLogEntry.objects.for_instance(made).get(action="deals.import")
    assert done.user == sales_manager
    assert done.data["counts"]["deals.csv"]["updated"] == 1
    assert not any(file.packed for file in made.files.all())
    assert (report_of(made).created, report_of(made).changed) == ([], [])  # names of people
    page = page_of(signed_in(sales_manager), made)
    assert f"Imported by {sales_manager}" in page


def test_importing_twice_changes_nothing_the_second_time(uploaded, commit, sales_manager):
    for expected in (RowCounts(1, 0, 0), RowCounts(0, 0, 1)):
        made = uploaded(companies=COMPANIES, deals=DEALS)
        assert report_of(made).counts["deals.csv"] == expected
        with commit():
            actions.confirm(made.pk, leaves_out=False, by=sales_manager)
        actions.run_next_step(made.pk)  # a task that comes twice
        made.refresh_from_db()
        assert made.state == Import.State.DONE
    assert Deal.objects.count() == 1


def test_with_bad_rows_nothing_is_imported_until_somebody_says_so(
    uploaded, commit, signed_in, sales_manager
):
    parts = PARTS + "D2,C1,buyer\nD9,C1,buyer\n"
    made = uploaded(
        companies=COMPANIES, contacts=CONTACTS, deals=DEALS + BAD_DEAL, deal_contacts=parts
    )
    report = report_of(made)
    assert [(row.file, row.line, row.follows) for row in report.bad] == [
        ("deals.csv", 3, False),
        ("deal_contacts.csv", 4, False),
        ("deal_contacts.csv", 3, True),
    ]
    page = page_of(signed_in(sales_manager), made)
    assert "3 rows cannot be imported." in page
    assert "“perhaps” is not open, won or lost" in page
    with pytest.raises(actions.ImportStateError, match="Some rows cannot be imported"):
        actions.confirm(made.pk, leaves_out=False, by=sales_manager)
    assert not Deal.objects.exists()

    with commit():
        actions.confirm(made.pk, leaves_out=True, by=sales_manager)
    made.refresh_from_db()
    assert (made.state, made.leaves_out) == (Import.State.DONE, True)
    assert list(Deal.objects.values_list("public_id", flat=True)) == ["D1"]
    done = ModelLogEntry.objects.for_instance(made).get(action="deals.import")
    assert done.data["left_out"] == 3
    assert "3 rows were left out." in page_of(signed_in(sales_manager), made)


def test_bad_rows_come_as_a_file_that_is_mended_and_uploaded(
    uploaded, commit, signed_in, sales_manager
):
    made = uploaded(companies=COMPANIES, deals=DEALS + BAD_DEAL)
    url = reverse("deals_imports:bad_rows", args=[made.pk, "deals.csv"])
    answer = signed_in(sales_manager).get(url)
    assert answer["Content-Disposition"] == 'attachment; filename="deals.csv"'
    text = answer.content.decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(text))
    assert (row["bad_line"], row["deal_id"], row["status"]) == ("3", "D2", "perhaps")
    assert "not open, won or lost" in row["bad_because"]
    taken = ModelLogEntry.objects.get(action="studio.export")
    assert (taken.user, taken.label) == (sales_manager, "Bad rows of deals.csv")
    assert taken.message == "Exported 1 row as CSV"
    mended = uploaded(companies=COMPANIES, deals=text.replace(",perhaps,", ",open,"))
    with commit():
        actions.confirm(mended.pk, leaves_out=False, by=sales_manager)
    assert Deal.objects.get().public_id == "D2"


def test_a_bad_row_is_bad_wherever_it_comes_again(uploaded, monkeypatch):
    tries: list[Any] = []
    once = dry_run.import_crm
    counted = lambda *args, **kwargs: tries.append(args) or once(*args, **kwargs)  # noqa: E731
    monkeypatch.setattr(dry_run, "IMPORTS", ((counted, dry_run.CRM_SCHEMAS), *dry_run.IMPORTS[1:]))
    made = uploaded(deal_contacts="deal_id,contact_id,role\n" + "D9,C9,buyer\n" * 4)
    bad = report_of(made).bad
    assert [(row.line, row.reason) for row in bad] == [
        (line, "there is no deal “D9”.") for line in (2, 3, 4, 5)
    ]
    assert len(tries) == 2  # else somebody's copies would keep the studio busy for hours


def test_a_whole_file_that_cannot_be_read_is_not_left_out(uploaded, sales_manager, signed_in):
    made = uploaded(companies=COMPANIES, deals="deal_id;name\nD1;Two ovens\n")
    report = report_of(made)
    assert (report.counts, [row.line for row in report.bad]) == (None, [1])
    page = page_of(signed_in(sales_manager), made)
    assert "a whole file cannot be read" in page
    assert "separated by semicolons" in page
    with pytest.raises(actions.ImportStateError, match="whole file"):
        actions.confirm(made.pk, leaves_out=True, by=sales_manager)


def test_views_and_videos_of_other_players_come_the_same_way(uploaded, commit, sales_manager):
    made = uploaded(
        contacts=CONTACTS,
        videos="video_id,title,duration_seconds,published_at\nV1,Old film,60,\n",
        views=(
            "view_id,video_id,viewer_id,contact_id,started_at,seconds_watched,is_bot,is_internal\n"
            "W1,V1,x,C1,2026-03-01T09:00:00Z,30,,\nW2,V9,x,,2026-03-01T09:00:00Z,30,,\n"
        ),
    )
    report = report_of(made)
    assert [(row.file, row.line) for row in report.bad] == [("views.csv", 3)]
    assert report.counts["views.csv"] == RowCounts(1, 0, 0)
    assert not Video.objects.exists()
    with commit():
        actions.confirm(made.pk, leaves_out=True, by=sales_manager)
    assert View.objects.get().contact.public_id == "C1"


def test_what_became_bad_since_it_was_shown_is_shown_first(uploaded, commit, sales_manager):
    contact = ContactFactory(public_id="C7")
    DealFactory(public_id="D1")
    made = uploaded(deal_contacts="deal_id,contact_id,role\nD1,C7,buyer\n")
    assert not report_of(made).bad_count
    contact.delete()
    with commit():
        actions.confirm(made.pk, leaves_out=False, by=sales_manager)
    made.refresh_from_db()
    assert made.state == Import.State.CHECKED
    assert "changed since" in made.reason
    assert report_of(made).bad_count == 1


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["people.csv"], "is not one of the files that can be imported"),
        (["deals.csv", "Deals (1).csv"], "Two of the files are deals.csv"),
    ],
)
def test_files_that_are_not_meant_are_refused(names, said, sales_manager):
    upload = [SimpleUploadedFile(name, b"x") for name in names]
    with pytest.raises(actions.UploadRefused, match=said):
        actions.upload(upload, by=sales_manager)
    assert not Import.objects.exists()


def test_a_file_is_known_by_its_name_however_a_browser_saved_it():
    given = ["Companies.csv", "deals (2).csv", "deal_contacts-march.csv"]
    assert actions.recognized_names(given) == {
        "Companies.csv": "companies.csv",
        "deals (2).csv": "deals.csv",
        "deal_contacts-march.csv": "deal_contacts.csv",
    }


def test_what_is_uploaded_is_bounded(sales_manager, monkeypatch):
    monkeypatch.setattr(actions, "MAX_BYTES", 10)
    with pytest.raises(actions.UploadRefused, match="in several parts"):
        actions.upload(files(deals=DEALS), by=sales_manager)
    monkeypatch.setattr(actions, "MAX_BYTES", 10**6)
    monkeypatch.setattr(actions, "MAX_LINES", 3)
    with pytest.raises(actions.UploadRefused, match="3 lines in total"):
        actions.upload(files(deals=DEALS, contacts=CONTACTS), by=sales_manager)
    actions.upload(files(deals=DEALS.replace("\n", "\r")), by=sales_manager)
    with pytest.raises(actions.UploadRefused, match="3 lines in total"):
        actions.upload(files(deals=(DEALS * 2).replace("\n", "\r")), by=sales_manager)
    Import.objects.all().delete()
    monkeypatch.setattr(actions, "MAX_UNFINISHED", 1)
    actions.upload(files(deals=DEALS), by=sales_manager)
    with pytest.raises(actions.UploadRefused, match="not finished"):
        actions.upload(files(deals=DEALS), by=sales_manager)


def test_what_is_large_is_left_to_a_worker(commit, sales_manager, monkeypatch):
    sent: list[int] = []
    monkeypatch.setattr(actions, "MAX_BYTES_AT_ONCE", 10)
    monkeypatch.setattr(actions, "async_task", lambda task, pk, **options: sent.append(pk))
    with commit():
        made = actions.upload(files(deals=DEALS), by=sales_manager)
    made.refresh_from_db()
    assert (sent, made.state) == ([made.pk], Import.State.WAITING)
    actions.run_next_step(made.pk)
    made.refresh_from_db()
    assert made.state == Import.State.CHECKED


def test_what_a_dead_worker_left_goes_on(sales_manager):
    with transaction.atomic():
        made = actions.upload(files(companies=COMPANIES), by=sales_manager)
    actions.resume_stale()
    made.refresh_from_db()
    assert made.state == Import.State.WAITING  # it may be on its way
    Import.objects.update(sent_at=now() - actions.STALE - dt.timedelta(seconds=1))
    actions.resume_stale()
    made.refresh_from_db()
    assert made.state == Import.State.CHECKED


def test_who_left_before_its_turn_imports_nothing(uploaded, commit, signed_in, sales_manager):
    made = uploaded(companies=COMPANIES, deals=DEALS)
    actions.confirm(made.pk, leaves_out=False, by=sales_manager)  # a worker comes to it later
    sales_manager.is_active = False
    sales_manager.save()
    actions.run_next_step(made.pk)
    made.refresh_from_db()
    assert (made.state, Deal.objects.count()) == (Import.State.CHECKED, 0)
    colleague = UserFactory(role=Role.SALES_MANAGER)
    assert "who confirmed it, may no longer import" in page_of(signed_in(colleague), made)
    with commit():
        actions.confirm(made.pk, leaves_out=False, by=colleague)
    made.refresh_from_db()
    assert (made.state, made.confirmed_by) == (Import.State.DONE, colleague)


@pytest.mark.django_db(transaction=True)
def test_another_import_is_waited_for(sales_manager):
    with transaction.atomic():
        made = actions.upload(files(companies=COMPANIES), by=sales_manager)
        # What is done when this commits finds nothing to do, until the other import runs.
        Import.objects.update(state=Import.State.DROPPED, ended_at=now())
    Import.objects.update(state=Import.State.WAITING, ended_at=None)
    began, may_end = Event(), Event()

    def import_something() -> None:
        with import_lock():
            began.set()
            may_end.wait(20)
        connection.close()

    with ThreadPoolExecutor(1) as other:
        running = other.submit(import_something)
        assert began.wait(20)
        actions.run_next_step(made.pk)
        made.refresh_from_db()
        assert made.state == Import.State.WAITING
        may_end.set()
        running.result(20)
    actions.run_next_step(made.pk)
    made.refresh_from_db()
    assert made.state == Import.State.CHECKED


def test_what_breaks_ends_with_a_word(sales_manager, signed_in):
    made = actions.upload(files(companies=COMPANIES), by=sales_manager)
    made.files.update(packed=b"damaged")
    actions.run_next_step(made.pk)
    made.refresh_from_db()
    assert made.state == Import.State.FAILED
    assert "The import failed" in page_of(signed_in(sales_manager), made)


def test_what_nobody_wants_is_dropped_and_forgotten(uploaded, signed_in, sales_manager):
    made = uploaded(companies=COMPANIES)
    url = reverse("deals_imports:discard", args=[made.pk])
    page = signed_in(sales_manager).post(url, follow=True).content.decode()
    assert "The import was discarded. Nothing was imported." in page
    assert "can no longer be discarded" in (
        signed_in(sales_manager).post(url, follow=True).content.decode()
    )
    left = uploaded(companies=COMPANIES, deals=DEALS + BAD_DEAL)
    Import.objects.filter(pk=left.pk).update(at=now() - dt.timedelta(days=8))
    actions.delete_old_data()
    left.refresh_from_db()
    assert left.state == Import.State.DROPPED
    assert not Company.objects.exists()
    assert ImportFile.objects.get(owner=left, name="deals.csv").packed_bad_rows
    Import.objects.filter(pk=left.pk).update(ended_at=now() - dt.timedelta(days=31))
    actions.delete_old_data()
    assert not ImportFile.objects.get(owner=left, name="deals.csv").packed_bad_rows
    assert (report_of(left).bad, report_of(left).bad_count) == ([], 1)


def test_the_form_takes_several_files(signed_in, sales_manager, commit):
    with commit():
        answer = signed_in(sales_manager).post(
            reverse("deals_imports:add"), {"uploads": files(companies=COMPANIES, deals=DEALS)}
        )
    made = Import.objects.get()
    assert answer["Location"] == reverse("deals_imports:inspect", args=[made.pk])
    assert [file.name for file in made.files.all()] == ["companies.csv", "deals.csv"]


def test_the_form_says_what_is_wrong_with_the_files(signed_in, sales_manager):
    client, url = signed_in(sales_manager), reverse("deals_imports:add")
    assert "Choose at least one file." in client.post(url).content.decode()
    wrong = [SimpleUploadedFile("people.csv", b"x")]
    page = client.post(url, {"uploads": wrong}).content.decode()
    assert "not one of the files that can be imported" in page


def test_who_may_not_import_sees_no_import(signed_in, expert_user: User):
    client = signed_in(expert_user)
    for name in ("deals_imports:index", "deals_imports:add"):
        assert client.get(reverse(name)).status_code == 302
    assert "Import files" not in client.get(reverse("deals_deals:index")).content.decode()


def test_the_list_of_deals_leads_to_the_import(signed_in, sales_manager: User):
    page = signed_in(sales_manager).get(reverse("deals_deals:index")).content.decode()
    assert reverse("deals_imports:add") in page


# Mending


def test_leaving_rows_out_moves_no_other_line(tmp_path):
    path = tmp_path / "deals.csv"
    path.write_bytes(b'\xef\xbb\xbfa,b\r\n1,"two\r\nlines"\r\n\r\n3,x\r\n4,y')
    leave_out(path, {2, 5})
    assert path.read_bytes() == b"a,b\r\n\n\n\r\n\n4,y"


def test_rows_to_mend_hold_no_formula_and_no_broken_byte(tmp_path):
    path = tmp_path / "deals.csv"
    path.write_bytes(b'a,b\n=1+1,\xff\n"open,2\n')
    bad = [BadRowEntry("deals.csv", 2, "=no"), BadRowEntry("deals.csv", 3, "a quote is not closed")]
    rows = list(csv.reader(io.StringIO(bad_rows_csv(path, bad).decode("utf-8-sig"))))
    assert rows[0] == ["bad_line", "bad_because", "a", "b"]
    assert rows[1][:3] == ["2", "'=no", "'=1+1"]
    assert rows[2][:2] == ["3", "a quote is not closed"]


# Whom it brings a second time


def test_a_new_contact_with_the_address_of_one_who_is_here_is_told(
    uploaded, commit, signed_in, sales_manager
):
    here = ContactFactory(name="P. Raman", email="PRIYA@bakery.example")
    nobody = "C2,,No Address,K1\n"
    ContactFactory(name="Nobody", email="")
    made = uploaded(companies=COMPANIES, contacts=CONTACTS + nobody)
    told = [("“Priya Raman” (priya@bakery.example) beside “P. Raman”", contact_url(here))]
    assert (report_of(made).noted.twins, report_of(made).noted.twins_count) == (told, 1)
    assert "Add the existing contact to these deals" in page_of(signed_in(sales_manager), made)
    with commit():
        actions.confirm(made.pk, leaves_out=False, by=sales_manager)
    assert report_of(made).noted.twins == told
    again = uploaded(companies=COMPANIES, contacts=CONTACTS + nobody)
    assert report_of(again).noted.twins_count == 0  # told once


# Corrections made here


@pytest.fixture
def corrected(uploaded, commit, signed_in, sales_manager):
    """Two deals that came by an import: one's amount and the other's name were corrected here."""
    made = uploaded(companies=COMPANIES, deals=DEALS + OTHER_DEAL)
    with commit():
        actions.confirm(made.pk, leaves_out=False, by=sales_manager)
    for public_id, changed in (("D1", {"amount": "90000"}), ("D2", {"name": "A kiln"})):
        deal = Deal.objects.get(public_id=public_id)
        answer = signed_in(sales_manager).post(
            reverse("deals_deals:edit", args=[deal.pk]), {**form_of(deal), **changed}
        )
        assert answer.status_code == 302
    return Deal.objects.in_bulk(["D1", "D2"], field_name="public_id")


OTHER_DEAL = "D2,One kiln,K1,,open,Offer,5000,EUR,2026-03-01T09:00:00+01:00,\n"


def form_of(deal: Deal) -> dict[str, Any]:
    """The form of a deal as it stands."""
    return {
        "name": deal.name,
        "company": deal.company_id,
        "stage": deal.stage,
        "amount": str(deal.amount),
        "currency": deal.currency,
        "created_at": "2026-03-01 08:00",
    }


def test_corrections_kept_and_overruled_are_told_before_and_after(
    uploaded, commit, signed_in, sales_manager, corrected
):
    made = uploaded(deals=DEALS + OTHER_DEAL.replace("One kiln", "Another kiln"))
    kept = (
        f"“Two ovens”, Amount: 90,000.00\xa0EUR, corrected by {sales_manager}, was kept. "
        "In the CRM: 86,000.00\xa0EUR."
    )
    overruled = f"“A kiln”, Name: “A kiln”, corrected by {sales_manager}, is now “Another kiln”."
    for done in (False, True):
        if done:
            with commit():
                actions.confirm(made.pk, leaves_out=False, by=sales_manager)
        noted = report_of(made).noted
        assert noted.kept == [(kept, deal_url(corrected["D1"]))]
        assert noted.overruled == [(overruled, deal_url(corrected["D2"]))]
        page = page_of(signed_in(sales_manager), made)
        for note in (*noted.kept, *noted.overruled):
            assert f'<a href="{note.url}">{escape(note.text)}</a>' in page
        assert "Corrections made here that are kept (1)" in page
        assert ("What was imported" in page) is done
    assert Deal.objects.get(public_id="D1").amount == 90000
    assert Deal.objects.get(public_id="D2").name == "Another kiln"
    entry = ModelLogEntry.objects.for_instance(made).get(action="deals.import")
    assert entry.message == (
        "Imported. deals.csv: 0 new, 1 changed. Corrections overruled: 1. Corrections kept: 1"
    )


def test_what_corrections_were_is_forgotten_with_the_bad_rows(
    uploaded, commit, signed_in, sales_manager, corrected
):
    made = uploaded(deals=DEALS)
    dropped = uploaded(deals=DEALS)
    with commit():
        actions.confirm(made.pk, leaves_out=False, by=sales_manager)
    actions.discard(dropped.pk, by=sales_manager)
    assert (report_of(dropped).noted.kept, report_of(dropped).noted.kept_count) == ([], 1)
    assert "corrected by" not in page_of(signed_in(sales_manager), dropped)
    Import.objects.filter(pk=made.pk).update(ended_at=now() - dt.timedelta(days=31))
    actions.delete_old_data()
    assert (report_of(made).noted.kept, report_of(made).noted.kept_count) == ([], 1)
    page = page_of(signed_in(sales_manager), made)
    assert "Corrections made here that are kept (1)" in page
    assert "The list is deleted after 30 days" in page


def test_contacts_whom_people_removed_and_corrected_are_told_as_well(
    uploaded, commit, signed_in, sales_manager
):
    given = {"companies": COMPANIES, "contacts": CONTACTS, "deals": DEALS, "deal_contacts": PARTS}
    made = uploaded(**given)
    with commit():
        actions.confirm(made.pk, leaves_out=False, by=sales_manager)
    deal, contact = Deal.objects.get(), Contact.objects.get()
    remove_contact(deal.pk, deal.deal_contacts.get().pk, by=sales_manager)
    form = {"name": "P. Raman", "email": contact.email, "company": contact.company_id}
    signed_in(sales_manager).post(reverse("audience_contacts:edit", args=[contact.pk]), form)
    noted = report_of(uploaded(**given)).noted
    assert [note.text for note in noted.kept] == [
        f"“P. Raman”, Name: “P. Raman”, corrected by {sales_manager}, was kept. "
        "In the CRM: “Priya Raman”.",
        f"“Two ovens”, Contact P. Raman: removed, corrected by {sales_manager}, was kept. "
        "In the CRM: takes part as “buyer”.",
    ]
    assert noted.kept_count == 2


def test_many_corrections_are_named_when_asked_for_and_counted_all(
    uploaded, commit, signed_in, sales_manager, monkeypatch
):
    monkeypatch.setattr(reconcile, "MAX_LISTED", 11)
    rows = [f"K{n},Company {n},\n" for n in range(12)]
    made = uploaded(companies="company_id,name,domain\n" + "".join(rows))
    with commit():
        actions.confirm(made.pk, leaves_out=False, by=sales_manager)
    for company in Company.objects.all():
        Correction.objects.create(
            company=company, what="name", crm=[company.name], ours=["Ours"], by=sales_manager
        )
    Company.objects.update(name="Ours")
    made = uploaded(companies="company_id,name,domain\n" + "".join(rows))
    page = page_of(signed_in(sales_manager), made)
    assert "Corrections made here that are kept (12)" in page
    assert page.count("corrected by") == 11
    assert "<summary>Show them</summary>" in page
    assert "and 1 more" in page


def test_an_import_from_before_corrections_were_told_is_still_read(uploaded, signed_in):
    made = uploaded(companies=COMPANIES)
    made.report.pop("noted")
    made.save()
    assert report_of(made).noted.kept_count == 0


# Closed deals of who imports

WON = "D1,Two ovens,K1,{owner},won,Signed,{amount},EUR,2026-03-01T09:00:00+01:00,{closed}\n"
CLOSED_AT = "2026-04-01T09:00:00+02:00"
HEADER = DEALS.partition("\n")[0] + "\n"


@pytest.fixture
def own(sales_manager) -> Deal:
    """A won deal of the sales manager, as the CRM told of it: by the command."""
    return won_by(sales_manager)


def won_by(owner: User) -> Deal:
    with tempfile.TemporaryDirectory() as name:
        told = WON.format(owner=owner.email, amount=86000, closed=CLOSED_AT)
        (Path(name) / "companies.csv").write_text(COMPANIES)
        (Path(name) / "contacts.csv").write_text(CONTACTS)
        (Path(name) / "deals.csv").write_text(HEADER + told)
        (Path(name) / "deal_contacts.csv").write_text(PARTS)
        import_crm(Path(name))
    deal = Deal.objects.get()
    assert (deal.owner, deal.status) == (owner, "won")
    return deal


def changed(by: User, **but: Any) -> str:
    """The file of the deal, but for something."""
    return HEADER + WON.format(**{"owner": by.email, "amount": 86000, "closed": CLOSED_AT, **but})


YOURS = "“Two ovens” is closed and is your own: another sales manager can change it."


@pytest.mark.parametrize(
    "but",
    [
        {"amount": 99000},
        {"closed": "2026-06-01T09:00:00+02:00"},
        {"owner": "somebody@else.example"},
    ],
)
def test_who_imports_changes_no_closed_deal_of_theirs(uploaded, commit, sales_manager, own, but):
    made = uploaded(deals=changed(sales_manager, **but) + OTHER_DEAL)
    report = report_of(made)
    assert report.bad == [BadRowEntry("deals.csv", 2, YOURS, follows=False, held=True)]
    assert report.counts["deals.csv"] == RowCounts(1, 0, 0)  # the other row can go in
    with pytest.raises(actions.ImportStateError):
        actions.confirm(made.pk, leaves_out=False, by=sales_manager)
    before = values_of(own)
    with commit():
        actions.confirm(made.pk, leaves_out=True, by=sales_manager)
    made.refresh_from_db()
    assert made.state == Import.State.DONE
    assert Deal.objects.filter(public_id="D2").exists()
    assert values_of(own) == before
    assert not ModelLogEntry.objects.for_instance(own).filter(user=sales_manager).exists()


def values_of(deal: Deal) -> dict[str, Any]:
    return Deal.objects.filter(pk=deal.pk).values().get()


def test_nor_does_it_make_a_closed_deal_theirs(uploaded, sales_manager):
    rep = UserFactory(role=Role.EXPERT)
    deal = won_by(rep)
    made = uploaded(deals=changed(sales_manager, amount=99000) + OTHER_DEAL)
    why = "“Two ovens” is closed and would become yours: another sales manager can change it."
    assert report_of(made).bad == [BadRowEntry("deals.csv", 2, why, follows=False, held=True)]
    made = uploaded(deals=changed(UserFactory(role=Role.EXPERT)))  # a colleague's it may become
    assert report_of(made).bad == []
    deal.refresh_from_db()
    assert deal.owner == rep


def test_nor_does_it_open_it_again_or_add_a_contact(uploaded, sales_manager, own):
    opened = changed(sales_manager).replace("won,Signed", "open,Signed")
    contacts = CONTACTS + "C2,tom@bakery.example,Tom,K1\n"
    parts = PARTS + "D1,C2,signs\nD1,C1,signs\n"
    made = uploaded(deals=opened, contacts=contacts, deal_contacts=parts)
    assert [(row.file, row.line, row.held) for row in report_of(made).bad] == [
        ("deals.csv", 2, True),
        ("deal_contacts.csv", 3, True),
        ("deal_contacts.csv", 4, True),
    ]


def test_what_is_wrong_is_told_beside_what_is_held(uploaded, sales_manager, own):
    made = uploaded(deals=changed(sales_manager, amount=1) + BAD_DEAL)
    assert [(row.line, row.follows, row.held) for row in report_of(made).bad] == [
        (3, False, False),
        (2, False, True),
    ]


def test_a_closed_deal_of_theirs_that_stays_as_it_is_is_imported_again(
    uploaded, sales_manager, own
):
    made = uploaded(
        companies=COMPANIES,
        contacts=CONTACTS,
        deals=changed(sales_manager),
        deal_contacts=PARTS,
    )
    report = report_of(made)
    assert (report.bad_count, report.does_something) == (0, False)


def test_one_that_is_open_still_is_closed_by_an_import(uploaded, sales_manager):
    DealFactory(public_id="D1", owner=sales_manager, owner_email=sales_manager.email)
    made = uploaded(companies=COMPANIES, deals=changed(sales_manager))
    assert (report_of(made).bad_count, report_of(made).noted.closed_count) == (0, 0)


def test_the_page_says_who_can_import_what_is_held_and_that_one_does(
    uploaded, commit, signed_in, sales_manager, own
):
    made = uploaded(deals=changed(sales_manager, amount=99000))
    page = page_of(signed_in(sales_manager), made)
    assert escape(YOURS) in page
    assert "Ask another sales manager to import these files" in page
    assert "Upload other files" not in page  # nothing of it is wrong
    url = reverse("deals_imports:bad_rows", args=[made.pk, "deals.csv"])
    assert "99000" in signed_in(sales_manager).get(url).content.decode("utf-8-sig")

    colleague = UserFactory(role=Role.SALES_MANAGER)
    with commit():
        actions.confirm(made.pk, leaves_out=True, by=colleague)
    made.refresh_from_db()
    assert made.state == Import.State.CHECKED  # for the colleague, it is another import
    assert "may change other closed deals than you" in made.reason
    report = report_of(made)
    url = deal_url(own)
    by_import = "Edited. By an import from the CRM. Amount: “86000” → “99000”."
    assert (report.bad_count, report.noted.closed) == (0, [(f"“Two ovens”: {by_import}", url)])
    assert f'<a href="{url}">' in page_of(signed_in(colleague), made)

    with commit():
        actions.confirm(made.pk, leaves_out=False, by=colleague)
    own.refresh_from_db()
    assert own.amount == 99000
    done = page_of(signed_in(colleague), made)
    assert "Changes to closed deals (1)" in done
    assert escape(by_import) in done


def test_closed_deals_changed_by_an_import_are_on_the_administrators_record(
    uploaded, commit, sales_manager
):
    deal = won_by(UserFactory(role=Role.EXPERT))
    ModelLogEntry.objects.all().delete()
    contacts = CONTACTS + "C2,tom@bakery.example,Tom,K1\n"
    made = uploaded(
        contacts=contacts,
        deals=changed(deal.owner, amount=99000, closed="2026-06-01T09:00:00+02:00"),
        deal_contacts=PARTS + "D1,C2,signs\n",
    )
    assert report_of(made).noted.closed_count == 1
    with commit():
        actions.confirm(made.pk, leaves_out=False, by=sales_manager)
    told = [(entry.kind, entry.user, what_of(entry)) for entry in reversed(record.acts())]
    imported = "By an import from the CRM."
    assert told == [
        (
            "closed_deals",
            sales_manager,
            f"Edited. {imported} Amount: “86000” → “99000”.",
        ),
        (
            "closed_deals",
            sales_manager,
            "Marked won. Closed on 1 Jun 2026, 07:00. It had closed on 1 Apr 2026, 07:00 before. "
            f"{imported}",
        ),
        (
            "closed_deals",
            sales_manager,
            f"Added “Tom”. Role: “signs”. The deal was closed. {imported}",
        ),
        (
            "imports",
            sales_manager,
            "Imported. contacts.csv: 1 new, 0 changed. deal_contacts.csv: 1 new, 0 changed. "
            "deals.csv: 0 new, 1 changed. Closed deals changed: 1",
        ),
    ]


def test_the_crm_s_own_word_is_nobody_s_act(sales_manager, own, tmp_path):
    """The command runs as the CRM: it changes what it says, and stays as it is."""
    (tmp_path / "deals.csv").write_text(changed(sales_manager, amount=99000))
    (tmp_path / "contacts.csv").write_text(CONTACTS + "C2,tom@bakery.example,Tom,K1\n")
    (tmp_path / "deal_contacts.csv").write_text(PARTS + "D1,C2,signs\n")
    call_command("import_crm", tmp_path, verbosity=0)
    own.refresh_from_db()
    assert own.amount == 99000
    entries = ModelLogEntry.objects.for_instance(own).order_by("pk")
    assert [(entry.action, entry.user) for entry in entries] == [
        ("wagtail.edit", None),
        ("deals.add_contact", None),
    ]
    assert not record.acts().filter(kind="closed_deals").exists()


def test_who_may_import_and_not_change_closed_deals_changes_none(uploaded, commit):
    clerk = UserFactory()
    for codename in ("import_data", "view_deal", "view_every_deal"):
        clerk.user_permissions.add(Permission.objects.get(codename=codename))
    deal = won_by(UserFactory(role=Role.EXPERT))
    with commit():
        made = actions.upload(files(deals=changed(deal.owner, amount=99000)), by=clerk)
    [row] = report_of(made).bad
    assert (row.held, "A sales manager can change or reopen it" in row.reason) == (True, True)
