"""Imports take all of a folder or nothing, and say what is wrong where."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from studio.rates.models import Rate
from tests.factories import CompanyFactory, ContactFactory, VideoFactory, ViewFactory
from tests.videos.deals.conftest import GOOD
from videos.audience.models import Company, Contact, View, Viewer
from videos.deals.models import Deal, DealContact
from videos.deals.reports.evidence import touches_on
from videos.deals.urls_for import deal_url
from videos.planning.models import StageTransition, Video

pytestmark = pytest.mark.django_db
ALL = (Company, Contact, Deal, DealContact, Rate, Video, View, Viewer)


def counts():
    return {model.__name__: model.objects.count() for model in ALL}


def with_row(file, row):
    return GOOD[f"{file}.csv"] + row + "\n"


def test_a_folder_is_imported_whole(folder, run):
    path = folder()
    assert run("import_crm", path) == {
        "companies.csv": {"created": 1, "updated": 0, "unchanged": 0},
        "contacts.csv": {"created": 2, "updated": 0, "unchanged": 0},
        "deals.csv": {"created": 2, "updated": 0, "unchanged": 0},
        "deal_contacts.csv": {"created": 3, "updated": 0, "unchanged": 0},
        "rates.csv": {"created": 1, "updated": 0, "unchanged": 0},
    }
    assert run("import_views", path) == {
        "videos.csv": {"created": 2, "updated": 0, "unchanged": 0},
        "views.csv": {"created": 2, "updated": 0, "unchanged": 0},
    }
    won = Deal.objects.get(public_id="D1")
    assert (won.owner_email, won.amount, won.status) == (
        "Rep@Studio.example",
        Decimal("100.00"),
        "won",
    )
    assert won.closed_at == dt.datetime(2026, 2, 10, tzinfo=dt.UTC)
    assert won.company.name == "Acme"
    assert won.imported
    video = Video.objects.get(public_id="V1")
    assert (video.stage, video.imported, video.duration_seconds) == (
        "published",
        True,
        Decimal("90.5"),
    )
    assert not StageTransition.objects.exists()
    view = View.objects.get(public_id="W1")
    assert view.started_at == dt.datetime(2026, 1, 20, 8, tzinfo=dt.UTC)
    assert (view.contact.public_id, view.viewer.public_id, view.imported) == ("C1", "B1", True)
    assert Rate.objects.get().rate == Decimal("0.9123456789")


def test_importing_twice_changes_nothing(folder, run):
    path = folder()
    run("import_crm", path)
    run("import_views", path)
    before = {model: list(model.objects.order_by("pk").values()) for model in ALL}
    for command in ("import_crm", "import_views"):
        for written in run(command, path).values():
            assert (written["created"], written["updated"]) == (0, 0)
    assert {model: list(model.objects.order_by("pk").values()) for model in ALL} == before


def test_a_later_import_updates_and_missing_rows_stay(folder, run):
    run("import_crm", folder())
    header = GOOD["deals.csv"].splitlines()[0]
    path = folder(
        deals=f"{header}\nD1,Big,,new@studio.example,lost,,,,"
        "2026-01-10T00:00:00Z,2026-03-10T00:00:00Z\n",
        rates="date,from_currency,to_currency,rate\n2026-02-09,USD,EUR,0.5\n",
        deal_contacts="deal_id,contact_id,role\nD1,C2,pays\n",
        companies=None,
    )
    assert run("import_crm", path)["deals.csv"] == {"created": 0, "updated": 1, "unchanged": 0}
    deal = Deal.objects.get(public_id="D1")
    assert (deal.status, deal.owner_email, deal.amount, deal.company) == (
        "lost",
        "new@studio.example",
        None,
        None,
    )
    assert Deal.objects.count() == 2
    assert Rate.objects.get().rate == Decimal("0.5")
    assert deal.deal_contacts.count() == 3


def test_a_byte_order_mark_and_any_order_of_columns_are_fine(folder, run):
    path = folder(
        companies="\ufeffdomain,what else,name,company_id\r\nacme.example,x,Ä,K1\r\n".encode()
    )
    run("import_crm", path)
    company = Company.objects.get()
    assert (company.public_id, company.name, company.domain) == ("K1", "Ä", "acme.example")


def test_any_file_may_be_missing(folder, run):
    path = folder(
        companies=None, contacts=None, deals=None, deal_contacts=None, videos=None, views=None
    )
    assert run("import_crm", path)["rates.csv"]["created"] == 1
    assert run("import_views", path)["views.csv"] == {"created": 0, "updated": 0, "unchanged": 0}


def test_the_creation_of_contacts_is_an_optional_column_and_stays_known(folder, run):
    run("import_crm", folder())
    run(
        "import_crm", folder(contacts="contact_id,email,name,company_id\nC1,ann@new.example,Ann,\n")
    )
    contact = Contact.objects.get(public_id="C1")
    assert contact.email == "ann@new.example"
    assert contact.created_at == dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def test_a_company_that_is_but_named_waits_for_its_row(folder, run):
    run("import_crm", folder(companies=None))
    assert Deal.objects.get(public_id="D1").company.name == "K1"
    run("import_crm", folder())
    assert Deal.objects.get(public_id="D1").company.name == "Acme"


def test_an_open_deal_s_expected_close_is_ignored(folder, run):
    run("import_crm", folder())
    deal = Deal.objects.get(public_id="D2")
    assert (deal.status, deal.closed_at) == ("open", None)


def test_a_missing_folder_is_a_usage_error(refused, tmp_path):
    for command in ("import_crm", "import_views"):
        assert "nowhere" in refused(command, str(tmp_path / "nowhere"), status=2)
        assert refused(command, "", status=2) == "There is no folder “”."
        refused(command, "x" * 999, status=2)
        refused(command, str(tmp_path / "no\n\x1b[1mwhere"), status=2)


DEAL = "D9,n,,,{status},,{amount},{currency},{created},{closed}"


def deal_row(**changed):
    good = {
        "status": "won",
        "amount": "1",
        "currency": "EUR",
        "created": "2026-01-01T00:00:00Z",
        "closed": "2026-02-01T00:00:00Z",
    }
    return DEAL.format(**(good | changed))


@pytest.mark.parametrize(
    ("file", "row", "line", "reason"),
    [
        ("companies", "", 0, ""),
        ("companies", ",Nobody,", 3, "company_id is empty"),
        ("companies", "K1,Other,acme.example", 3, "already on line 2"),
        ("companies", "K2,too,many,columns", 3, "4 columns, the header 3"),
        ("companies", "K2,few", 3, "2 columns, the header 3"),
        ("companies", "K2;one", 3, "has 1 column, the header 3"),
        ("companies", f"K2,{'x' * 256},", 3, "longer than 255"),
        ("companies", "K2,a\0b,", 3, "NUL"),
        ("companies", 'K2,"open,', 3, "a quote is not closed"),
        ("contacts", "C9,,,,2026-01-01", 4, "without a UTC offset"),
        ("contacts", "C9,,,,2026-01-01T00:00:00", 4, "without a UTC offset"),
        ("contacts", "C9,,,,yesterday", 4, "ISO 8601"),
        ("contacts", "C9,,,,0001-01-01T00:00:00+05:00", 4, "ISO 8601"),
        ("deals", deal_row(created=""), 4, "created_at is empty"),
        ("deals", deal_row(closed=""), 4, "no closed_at"),
        ("deals", deal_row(status="lost", closed=""), 4, "no closed_at"),
        ("deals", deal_row(closed="2025-12-31T00:00:00Z"), 4, "before created_at"),
        ("deals", deal_row(closed="2026-02-01T00:00:00"), 4, "without a UTC offset"),
        ("deals", deal_row(amount="-0.01"), 4, "negative"),
        ("deals", deal_row(amount="a lot"), 4, "not a number"),
        ("deals", deal_row(amount="NaN"), 4, "not a number"),
        ("deals", deal_row(amount="1e999999999"), 4, "without an exponent"),
        ("deals", deal_row(amount="1e999999"), 4, "without an exponent"),
        ("deals", deal_row(amount="1e3"), 4, "without an exponent"),
        ("deals", deal_row(amount="-0.0e-1"), 4, "without an exponent"),
        ("deals", deal_row(amount="Infinity"), 4, "not a number"),
        ("deals", deal_row(amount="٣"), 4, "not a number"),
        ("deals", deal_row(amount="1_000"), 4, "not a number"),
        ("deals", deal_row(amount='"1,000.50"'), 4, "not a number"),
        ("deals", deal_row(amount="1" + "0" * 15), 4, "digits before the point: at most 15"),
        ("deals", deal_row(amount="0.12345678901"), 4, "digits after the point: at most 10"),
        ("rates", "2026-02-28,USD,EUR,1e-3", 3, "without an exponent"),
        ("rates", f"2026-02-28,USD,EUR,{10**30}", 3, "digits before the point: at most 15"),
        ("videos", "V9,t,1e2,", 4, "without an exponent"),
        ("views", "W9,V1,,,2026-01-01T00:00:00Z,1e99,,", 4, "without an exponent"),
        ("views", f"W9,V1,,,2026-01-01T00:00:00Z,{10**30},,", 4, "before the point: at most 15"),
        ("deals", deal_row(amount='"1,5"'), 4, "is not a number"),
        ("deals", deal_row(amount="1" * 256), 4, "amount is longer than 255"),
        ("companies", f"K2,{'x' * 200_000},", 3, "name is longer than 255"),
        ("companies", 'K2,"a"b,', 3, "a quote is not closed"),
        ("deals", deal_row(currency=""), 4, "no currency"),
        ("deals", deal_row(currency="EURO"), 4, "ISO 4217"),
        ("deals", deal_row(status="closed"), 4, "not open, won or lost"),
        ("deals", deal_row(status=""), 4, "status is empty"),
        ("deal_contacts", "D8,C1,", 5, "no deal “D8”"),
        ("deal_contacts", "D1,C8,", 5, "no contact “C8”"),
        ("rates", "2026-02-09,USD,EUR,0.9", 3, "already on line 2"),
        ("rates", "2026-02-30,USD,EUR,0.9", 3, "ISO 8601"),
        ("rates", "20260228,USD,EUR,1", 3, "ISO 8601"),
        ("rates", "2026-W09-6,USD,EUR,1", 3, "ISO 8601"),
        ("rates", "2026-02-28T00:00:00Z,USD,EUR,1", 3, "ISO 8601"),
        ("rates", "2026-02-28,USD,EUR,0", 3, "is not a rate"),
        ("rates", "2026-02-28,USD,EUR,", 3, "rate is empty"),
        ("rates", "2026-02-28,USD,,1", 3, "to_currency is empty"),
        ("videos", "V9,t,-1,", 4, "negative"),
        ("videos", "V9,t,,2026-01-01T00:00:00", 4, "without a UTC offset"),
        ("views", "W9,V9,,,2026-01-01T00:00:00Z,3,,", 4, "no video “V9”"),
        ("views", "W9,V1,,C9,2026-01-01T00:00:00Z,3,,", 4, "no contact “C9”"),
        ("views", "W9,V1,,,,3,,", 4, "started_at is empty"),
        ("views", "W9,V1,,,2026-01-01T00:00:00,3,,", 4, "without a UTC offset"),
        ("views", "W9,V1,,,2026-01-01T00:00:00Z,3,yes,", 4, "neither true nor false"),
        ("views", "W9,V1,,,2026-01-01T00:00:00Z,three,,", 4, "not a number"),
        ("views", "W1,V2,B1,C1,2026-01-20T10:00:00+02:00,12.5,,", 4, "already on line 2"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_imported(folder, run, refused, file, row, line, reason):
    of_views = file in {"videos", "views"}
    if of_views:
        run("import_crm", folder())
    before = counts()
    path = folder(**{file: with_row(file, row)}) if row else folder(companies="company_id,name\n")
    said = refused("import_views" if of_views else "import_crm", path)
    if row:
        assert said.startswith(f"{file}.csv, line {line}: ")
        assert reason in said
        assert "more" not in said
    else:
        assert said == "companies.csv, line 1: the column domain is missing."
    assert counts() == before


def test_the_first_bad_row_is_named_and_how_many_more(folder, refused):
    path = folder(
        contacts=with_row("contacts", "C3,,,,no\nC4,,,,no"),
        deals=with_row("deals", deal_row(amount="no")),
    )
    said = refused("import_crm", path)
    assert said.startswith("contacts.csv, line 4: ")
    assert said.endswith("(and 2 more bad rows)")
    assert not Contact.objects.exists()


def test_a_bad_row_makes_no_bad_rows_of_those_that_refer_to_it(folder, refused):
    said = refused(
        "import_crm",
        folder(
            deals=with_row("deals", deal_row(amount="no")),
            deal_contacts=with_row("deal_contacts", "D9,C1,"),
        ),
    )
    assert said == "deals.csv, line 4: amount “no” is not a number."


@pytest.mark.parametrize(
    ("deals", "references", "more"),
    [
        # Columns too few or too many, wherever the fault is
        ("D9,few", "D9,C1,", 0),
        ("D9,too, many" + "," * 9, "D9,C1,", 0),
        # Quotes that close too early, and an id in quotes
        ('D9,"a"b' + "," * 8, "D9,C1,", 0),
        ('"D9","a"b' + "," * 8, "D9,C1,", 0),
        # A quote that never closes takes good rows with it
        ('D8,"a' + "," * 8 + "\n" + deal_row(), "D8,C1,\nD9,C1,", 0),
        # Ids that are bad themselves
        ("x" * 256 + "," * 9, "x" * 256 + ",C1,", 0),
        ("D\0" + "," * 9, "D\0,C1,", 0),
        # What is wrong besides is counted all the same
        ("x" * 256 + "," * 9, "x" * 256 + ",C8,", 1),
        ("D9,few", "D9,C1,\nD7,C1,\nD9,C8,", 2),
        ("D9,few", "D9,C\0,", 1),
    ],
)
def test_only_rows_that_are_bad_themselves_are_counted(folder, refused, deals, references, more):
    said = refused(
        "import_crm",
        folder(deals=with_row("deals", deals), deal_contacts=with_row("deal_contacts", references)),
    )
    assert said.startswith("deals.csv, line 4: ")
    assert said.partition(" (and ")[2] == (f"{more} more bad row{'s' * (more > 1)})" * bool(more))


def test_a_bad_id_is_found_in_any_order_of_columns(folder, refused):
    header = GOOD["deals.csv"].splitlines()[0].split(",")
    row = dict.fromkeys(header, "") | {"deal_id": "D9", "status": "open"}
    lines = [header[::-1], [*[row[name] for name in header[::-1]][:-1], "too", "D9"]]
    path = folder(
        deals="".join(",".join(cells) + "\n" for cells in lines),
        deal_contacts="deal_id,contact_id,role\nD9,C1,\n",
    )
    assert refused("import_crm", path) == "deals.csv, line 2: has 11 columns, the header 10."


def test_a_video_s_bad_id_makes_no_bad_rows_of_its_views(folder, refused):
    long = "x" * 256
    path = folder(
        contacts=None,
        videos=with_row("videos", f"{long},,,\nV9"),
        views="view_id,video_id,viewer_id,contact_id,started_at,seconds_watched,is_bot,is_internal"
        f"\nW1,{long},,,2026-01-20T08:00:00Z,3,,\nW2,V9,,,2026-01-20T08:00:00Z,3,,\n",
    )
    assert refused("import_views", path) == (
        "videos.csv, line 4: video_id is longer than 255 characters. (and 1 more bad row)"
    )


def test_references_to_a_readable_file_are_judged_whatever_the_others_are(folder, refused):
    path = folder(
        companies="no,such,header\n",
        deals="no,such,header\n",
        deal_contacts="deal_id,contact_id,role\nD9,C1,\nD1,C9,\n",
    )
    assert refused("import_crm", path) == (
        "companies.csv, line 1: the column company_id is missing. (and 2 more bad rows)"
    )


def test_columns_that_nobody_asked_for_may_be_of_any_length(folder, run):
    run("import_crm", folder(companies=f"company_id,notes,name,domain\nK1,{'x' * 200_000},,\n"))
    assert Company.objects.get().public_id == "K1"


TIMES = {
    "2026-01-01T10:00:00Z": dt.datetime(2026, 1, 1, 10, tzinfo=dt.UTC),
    "2026-01-01T10:00Z": dt.datetime(2026, 1, 1, 10, tzinfo=dt.UTC),
    "2026-01-01t10:00:00z": dt.datetime(2026, 1, 1, 10, tzinfo=dt.UTC),
    "2026-01-01 10:00:00+05:30": dt.datetime(2026, 1, 1, 4, 30, tzinfo=dt.UTC),
    "2026-01-01T10:00:00-0530": dt.datetime(2026, 1, 1, 15, 30, tzinfo=dt.UTC),
    "2026-01-01T10:00:00+05": dt.datetime(2026, 1, 1, 5, tzinfo=dt.UTC),
    "2026-01-01T10:00:00+23:59": dt.datetime(2025, 12, 31, 10, 1, tzinfo=dt.UTC),
    "2026-01-01T10:00:00-00:00": dt.datetime(2026, 1, 1, 10, tzinfo=dt.UTC),
    "2026-01-01T10:00:00.5Z": dt.datetime(2026, 1, 1, 10, 0, 0, 500_000, tzinfo=dt.UTC),
    "2026-01-01T10:00:00.123456789Z": dt.datetime(2026, 1, 1, 10, 0, 0, 123_456, tzinfo=dt.UTC),
}
NO_TIMES = [
    "2026-01-01T00:00:00+05:60",
    "2026-01-01T00:00:00+05:99",
    "2026-01-01T00:00:00+24:00",
    "2026-01-01T00:00:00+00:00:00.5",
    "2026-01-01T00:00:00+05:30:15",
    "2026-01-01T00:00:00+5:30",
    "2026-01-01x00:00:00Z",
    "2026-01-01T00Z",
    "2026-01-01T0000Z",
    "2026-01-01T00:00:00.Z",
    "2026-01-01T24:00:00Z",
    "2026-01-01T00:60:00Z",
    "2026-01-01T00:00:00Z+01:00",
    "20260101T000000Z",
    "2026-W01-1T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "26-01-01T00:00:00Z",
    "٢026-01-01T00:00:00Z",
]


@pytest.mark.parametrize("text", TIMES)
def test_a_time_is_day_time_and_offset(folder, run, text):
    run("import_crm", folder(contacts=with_row("contacts", f"C9,,,,{text}")))
    assert Contact.objects.get(public_id="C9").created_at == TIMES[text]


@pytest.mark.parametrize("text", NO_TIMES)
def test_what_is_no_time_of_iso_8601_is_a_bad_row(folder, refused, text):
    said = refused("import_crm", folder(contacts=with_row("contacts", f"C9,,,,{text}")))
    assert said == f"contacts.csv, line 4: created_at “{text}” is not an ISO 8601 time."
    refused("influence", f"--as-of={text}", status=2)


def test_a_row_over_several_lines_is_named_by_its_first(folder, refused):
    path = folder(companies='company_id,name,domain\n\nK1,"A\nB\nC",\nK2,"D\nE",d,e\n')
    assert refused("import_crm", path).startswith("companies.csv, line 6: ")


def test_bytes_that_are_no_utf_8_are_named(folder, refused):
    path = folder(companies=b"company_id,name,domain\nK1,Fine,\nK2,M\xfcller,\n")
    assert refused("import_crm", path).startswith("companies.csv, line 3: name “M�ller” is not UTF")
    path = folder(companies="company_id,name,domain\n".encode("utf-16"))
    assert refused("import_crm", path) == (
        "companies.csv, line 1: the file is UTF-16, not UTF-8. Save it as comma-separated UTF-8."
    )
    path = folder(companies="company_id,näme,domain\n".encode("latin-1"))
    assert refused("import_crm", path) == "companies.csv, line 1: the file is not UTF-8."


def test_identical_rows_are_not_bad(folder, run):
    path = folder(
        companies=with_row("companies", "K1,Acme,acme.example"),
        deal_contacts=with_row("deal_contacts", "D2,C2,"),
        rates=with_row("rates", "2026-02-09,USD,EUR,0.9123456789"),
    )
    assert run("import_crm", path)["companies.csv"]["created"] == 1


def test_a_column_that_is_there_twice_is_refused(folder, refused):
    path = folder(companies="company_id,name,domain,name\nK1,a,b,c\n")
    assert refused("import_crm", path) == "companies.csv, line 1: the column name appears twice."


def test_the_studio_s_own_videos_may_be_named_and_stay(folder, run):
    own = VideoFactory(public_id="V1", title="Ours", stage="editing")
    run("import_crm", folder())
    run("import_views", folder())
    own.refresh_from_db()
    assert (own.title, own.stage, own.imported, own.duration_seconds) == (
        "Ours",
        "editing",
        False,
        None,
    )
    assert View.objects.get(public_id="W1").video == own


def test_the_studio_s_own_views_are_not_overwritten(folder, run, refused):
    ViewFactory(public_id="W2")
    run("import_crm", folder())
    said = refused("import_views", folder())
    assert said == "views.csv, line 3: this id belongs to a view that the studio recorded itself."


def test_rows_entered_by_hand_are_taken_over_by_id(folder, run):
    company = CompanyFactory(public_id="K1", name="By hand")
    contact = ContactFactory(public_id="C1", company=company)
    run("import_crm", folder())
    contact.refresh_from_db()
    assert (contact.company, contact.company.name, contact.name) == (company, "Acme", "Ann")


# What was known when a close was recorded


DEALS = GOOD["deals.csv"].splitlines()[0]


def won(closed_at, status="won"):
    return f"{DEALS}\nD1,Big,,,{status},,100,EUR,2026-01-10T00:00:00Z,{closed_at}\n"


def known(deal):
    return deal.status, deal.times_closed, deal.earlier_closed_at, deal.close_recorded_at


def test_one_import_is_one_instant(folder, run):
    run("import_crm", folder())
    deal = Deal.objects.get(public_id="D1")
    assert deal.close_recorded_at is not None
    assert {part.added_at for part in DealContact.objects.all()} == {deal.close_recorded_at}
    assert Deal.objects.get(public_id="D2").close_recorded_at is None


def test_a_contact_imported_after_the_close_makes_late_touches(folder, run):
    path = folder(deal_contacts="deal_id,contact_id,role\nD1,C2,\n")
    run("import_crm", path)
    run("import_views", path)
    assert touches_on(Deal.objects.get(public_id="D1")) == []
    run("import_crm", folder())
    (found,) = touches_on(Deal.objects.get(public_id="D1"))
    assert (found.touch.view.id, found.touch.is_late) == ("W1", True)


@pytest.mark.parametrize("again", ["2026-02-10T00:00:00Z", "2026-02-10T00:00:01Z"])
def test_an_import_that_opens_a_deal_and_closes_it_again_leaves_the_mark(folder, run, again):
    path = folder(deals=won("2026-02-10T00:00:00Z"), deal_contacts="deal_id,contact_id,role\n")
    run("import_crm", path)
    run("import_views", path)
    run("import_crm", folder(deals=won("", "open"), deal_contacts=None))
    run("import_crm", folder(deals=None, deal_contacts="deal_id,contact_id,role\nD1,C1,\n"))
    run("import_crm", folder(deals=won(again), deal_contacts=None))
    (found,) = touches_on(Deal.objects.get(public_id="D1"))
    assert (found.touch.view.id, found.touch.is_late) == ("W1", True)


def test_an_import_that_moves_a_close_later_says_closed_twice(folder, run):
    run("import_crm", folder(deals=won("2026-02-10T00:00:00Z"), deal_contacts=None))
    first = known(Deal.objects.get(public_id="D1"))
    run("import_crm", folder(deals=won("2026-02-10T00:00:00Z"), deal_contacts=None))
    assert known(Deal.objects.get(public_id="D1")) == first
    run("import_crm", folder(deals=won("2026-03-10T00:00:00Z"), deal_contacts=None))
    deal = Deal.objects.get(public_id="D1")
    assert known(deal)[:3] == ("won", 2, dt.datetime(2026, 2, 10, tzinfo=dt.UTC))
    assert deal.close_recorded_at > first[-1]


def test_a_close_that_is_to_come_may_move_and_is_none_before(folder, run, signed_in, sales_manager):
    soon = timezone.now().replace(microsecond=0) + dt.timedelta(days=24)
    for days in range(4):
        closes_at = soon + dt.timedelta(days=days)
        row = won(closes_at.isoformat()).replace(",100,", f",{100 + days},")
        run("import_crm", folder(deals=row, deal_contacts=None))
    deal = Deal.objects.get(public_id="D1")
    assert known(deal)[:3] == ("won", 1, None)
    assert not deal.changed_after_close
    client = signed_in(sales_manager)
    for address in (reverse("deals_deals:index"), deal_url(deal)):
        text = client.get(address).text
        assert f"Won, closes on {timezone.localtime(closes_at):%-d %b %Y}" in text
        for wrong in ("Closed twice", "Closed 4 times", "earlier close", "Changed after the close"):
            assert wrong not in text
    assert reverse("deals_deals:win", args=[deal.pk]) in client.get(deal_url(deal)).text
    for status, listed in (("open", [deal]), ("won", [])):
        page = client.get(reverse("deals_deals:index"), {"status": status})
        assert list(page.context["object_list"]) == listed
    period = {"closed_at_after": "2026-01-01", "closed_at_before": "2100-01-01"}
    assert list(client.get(reverse("deals_deals:index"), period).context["object_list"]) == []
    entries = ModelLogEntry.objects.for_instance(deal).filter(action="deals.won")
    assert {" ".join(entry.message.split()[:4]) for entry in entries} == {"Marked won. Closes on"}
    assert all("It was to close on" in entry.message for entry in entries)


def test_what_an_import_changes_of_a_known_deal_s_status_is_on_record(folder, run):
    for deals in (
        won("", "open"),
        won("2026-02-10T00:00:00Z"),
        won("2026-02-10T00:00:00Z"),
        won("2026-02-11T00:00:00Z"),
        won("2026-02-11T00:00:00Z", "lost"),
        won("", "open"),
    ):
        run("import_crm", folder(deals=deals, deal_contacts=None))
    deal = Deal.objects.get(public_id="D1")
    entries = ModelLogEntry.objects.for_instance(deal).order_by("timestamp", "pk")
    assert [(entry.action, entry.user, entry.data["by_import"]) for entry in entries] == [
        ("deals.won", None, True),
        ("deals.won", None, True),
        ("deals.lost", None, True),
        ("deals.reopen", None, True),
    ]
    assert entries[1].message.endswith("before. By an import from the CRM.")
    assert known(deal) == ("open", 2, dt.datetime(2026, 2, 11, tzinfo=dt.UTC), None)
