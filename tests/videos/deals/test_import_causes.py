"""A refused import names the cause: separator, encoding, header, or name of a file.

Every kind of folder is made here. `EXTRA_CSV_DIR` names a folder of more of them, whose names tell
what must come of each; with `REQUIRE_EXTRA_CSV=1` a run without one fails, so that nobody takes it
for one with.
"""

import os
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from videos.audience.models import Contact

pytestmark = pytest.mark.django_db

HEADER = "contact_id,email,name,company_id,created_at"
ANNA = 'C1,a@x.example,"Anna",,2026-01-05T10:00:00+01:00'
GOOD = f"{HEADER}\n{ANNA}\n"
COLUMNS = "contact_id,email,name,company_id"
TABS, SEMICOLONS = GOOD.replace(",", "\t"), GOOD.replace(",", ";")
SPREADSHEET = (
    "contacts.csv, line 1: the first line is “{line}”, which only spreadsheets understand. {then}"
)
ENCODING = (
    "contacts.csv, line 1: the file is {encoding}, not UTF-8. Save it as comma-separated UTF-8."
)
BY = "the columns are separated by {separator}, not by commas. Save the file as comma-separated."
MISSING = (
    "contacts.csv, line 1: the column {column} is missing: the header has “{found}” in its place."
)
NOTHING = (
    "Nothing to import: there is none of companies.csv, contacts.csv, deals.csv, "
    "deal_contacts.csv, rates.csv in “{folder}”."
)
EMPTY = f"contacts.csv, line 1: is empty: its first line must name the columns {COLUMNS}."
ARCHIVE = "contacts.csv, line 1: is a workbook or an archive. Save it as comma-separated UTF-8."
COMMA = (
    "contacts.csv, line 2: has 6 columns, the header 5. It ends with an extra comma, or a text "
    "with a comma is not in quotes."
)

# Of each kind: its files, and the line that it is refused with; None where Anna is imported.
KINDS: dict[str, tuple[dict[str, str | bytes], str | None]] = {
    "semicolon": (
        {"contacts.csv": SEMICOLONS},
        "contacts.csv, line 1: " + BY.format(separator="semicolons"),
    ),
    "tab": ({"contacts.csv": TABS}, "contacts.csv, line 1: " + BY.format(separator="tabs")),
    "vertical_bar": (
        {"contacts.csv": GOOD.replace(",", "|")},
        "contacts.csv, line 1: " + BY.format(separator="vertical bars"),
    ),
    "semicolon_bom_quotes": (
        {"contacts.csv": '\ufeff"Contact ID";"Email";"Name"\r\n"C1";"";""\r\n'},
        "contacts.csv, line 1: " + BY.format(separator="semicolons"),
    ),
    "sep_line": (
        {"contacts.csv": f"sep=,\n{GOOD}"},
        SPREADSHEET.format(line="sep=,", then="Delete it: the header must come first."),
    ),
    "sep_line_semicolon": (
        {"contacts.csv": f'"SEP=;"\r\n{SEMICOLONS}'},
        SPREADSHEET.format(
            line='"SEP=;"', then="Delete it, and save the file as comma-separated."
        ),
    ),
    "utf16": (
        {"contacts.csv": b"\xff\xfe" + GOOD.encode("utf-16-le")},
        ENCODING.format(encoding="UTF-16"),
    ),
    "utf16_big_endian": (
        {"contacts.csv": b"\xfe\xff" + GOOD.encode("utf-16-be")},
        ENCODING.format(encoding="UTF-16"),
    ),
    "utf16_without_mark": (
        {"contacts.csv": GOOD.encode("utf-16-le")},
        ENCODING.format(encoding="UTF-16"),
    ),
    "utf16bom_tab": (
        {"contacts.csv": b"\xff\xfe" + TABS.encode("utf-16-le")},
        "contacts.csv, line 1: the file is UTF-16, not UTF-8, and its columns are separated by "
        "tabs, not by commas. Save it as comma-separated UTF-8.",
    ),
    "utf32": (
        {"contacts.csv": GOOD.encode("utf-32")},
        ENCODING.format(encoding="UTF-32"),
    ),
    "latin1_header": (
        {"contacts.csv": GOOD.replace("name", "näme").encode("latin-1")},
        "contacts.csv, line 1: the file is not UTF-8.",
    ),
    "latin1_row": (
        {"contacts.csv": GOOD.replace("Anna", "Änna").encode("latin-1")},
        "contacts.csv, line 2: name “�nna” is not UTF-8.",
    ),
    "nul": (
        {"contacts.csv": GOOD.replace("Anna", "An\0a")},
        "contacts.csv, line 2: name “An a” contains a NUL character.",
    ),
    "header_case": (
        {"contacts.csv": GOOD.replace("contact_id", "Contact_ID").replace("email", "Email")},
        "contacts.csv, line 1: the columns contact_id and email are missing: the header has "
        "“Contact_ID” and “Email” in their place.",
    ),
    "header_spaces": (
        {"contacts.csv": GOOD.replace("company_id", "Company\xa0Id")},
        MISSING.format(column="company_id", found="Company Id"),
    ),
    "header_optional_case": (
        {"contacts.csv": GOOD.replace("created_at", "Created_At")},
        MISSING.format(column="created_at", found="Created_At"),
    ),
    "header_missing": (
        {"contacts.csv": f"{ANNA}\n"},
        "contacts.csv, line 1: the column contact_id is missing. The first line must name the "
        f"columns: {COLUMNS}.",
    ),
    "filename_case": (
        {"Contacts.csv": GOOD},
        "Contacts.csv: must be named contacts.csv.",
    ),
    "filename_extension_case": (
        {"contacts.CSV": GOOD, "rates.csv": "date,from_currency,to_currency,rate\n"},
        "contacts.CSV: must be named contacts.csv.",
    ),
    "filename_xlsx": (
        {"contacts.xlsx": b"PK"},
        NOTHING + " Save “contacts.xlsx” as comma-separated UTF-8, named contacts.csv.",
    ),
    "filename_copy": (
        {"Contacts (1).csv": GOOD},
        NOTHING + " Save “Contacts (1).csv” as comma-separated UTF-8, named contacts.csv.",
    ),
    "xlsx_named_csv": ({"contacts.csv": b"PK\x03\x04\x14\0\x06\0"}, ARCHIVE),
    "xls_named_csv": ({"contacts.csv": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}, ARCHIVE),
    "empty_file": ({"contacts.csv": b""}, EMPTY),
    "only_a_mark_and_lines": ({"contacts.csv": "\ufeff\r\n\r\n"}, EMPTY),
    "nothing_at_all": ({"readme.txt": "x"}, NOTHING),
    "no_file": ({}, NOTHING),
    "trailing_comma_rows_only": (
        {"contacts.csv": f"{HEADER}\nC4,d@x.example,Dora,,,\n"},
        COMMA,
    ),
    "bom_twice": ({"contacts.csv": f"\ufeff\ufeff{GOOD}"}, None),
    "blank_rows": ({"contacts.csv": f"{GOOD},,,,\n , ,\n\n,,,,,\n\"\",\t\n"}, None),
    "trailing_commas_everywhere": ({"contacts.csv": f"{HEADER},,\n{ANNA},,\n,,,,,,\n"}, None),
    "header_quotes_and_spaces": (
        {"contacts.csv": GOOD.replace("contact_id,email", '"contact_id", email ')},
        None,
    ),
    "windows_lines": ({"contacts.csv": GOOD.replace("\n", "\r\n")}, None),
    "old_mac_lines": ({"contacts.csv": GOOD.replace("\n", "\r")}, None),
    "no_last_line_end": ({"contacts.csv": GOOD.rstrip("\n")}, None),
    "other_files_beside": ({"contacts.csv": GOOD, "deals.xlsx": b"PK", "notes.csv": "a;b"}, None),
}  # fmt: skip

FOLDER = os.environ.get("EXTRA_CSV_DIR")
EXTRA = sorted(path for path in Path(FOLDER).glob("*") if path.is_dir()) if FOLDER else []


def comes_to(folder: Path, expected: str | None) -> None:
    """Asserts that importing a folder ends as its kind must."""
    if expected is None:
        call_command("import_crm", str(folder), stdout=StringIO())
        assert Contact.objects.values_list("public_id", "name").get() == ("C1", "Anna")
        return
    with pytest.raises(CommandError) as refusal:
        call_command("import_crm", str(folder))
    assert str(refusal.value) == expected.format(folder=folder)
    assert refusal.value.returncode == 1
    assert not Contact.objects.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_file_is_imported_or_refused_by_its_cause(kind, tmp_path):
    files, expected = KINDS[kind]
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (tmp_path / name).write_bytes(data)
    comes_to(tmp_path, expected)


@pytest.mark.parametrize("folder", EXTRA, ids=lambda folder: folder.name)
def test_extra_folders_come_to_what_their_name_says(folder):
    assert folder.name in KINDS, f"nobody said what must come of {folder.name}"
    comes_to(folder, KINDS[folder.name][1])


def test_the_extra_folders_ran_where_they_are_required():
    if os.environ.get("REQUIRE_EXTRA_CSV") == "1":
        assert EXTRA, f"EXTRA_CSV_DIR={FOLDER!r} holds no folders"


def test_the_files_of_the_other_import_are_no_mistake(folder, run):
    path = folder(videos=None, views=None)
    assert run("import_views", path)["views.csv"] == {"created": 0, "updated": 0, "unchanged": 0}


def test_import_views_names_the_files_it_expects(refused, tmp_path):
    assert refused("import_views", str(tmp_path)) == (
        f"Nothing to import: there is none of videos.csv, views.csv in “{tmp_path}”."
    )


def test_a_file_in_the_place_of_the_folder_is_a_usage_error(refused, tmp_path):
    file = tmp_path / "contacts.csv"
    file.write_text(GOOD)
    assert refused("import_crm", str(file), status=2) == f"There is no folder “{file}”."


def test_all_bad_rows_are_told_one_a_line_where_asked(folder, capsys):
    path = folder(
        contacts=f'{HEADER}\nC1,,,,no\nC2,,,,\n\nC3,\x1b[1m,"a\nb",,never\n',
        companies="company_id;name;domain\n",
        rates="date,from_currency,to_currency,rate\n2026-02-09,USD,EUR,x\n",
    )
    with pytest.raises(CommandError) as refusal:
        call_command("import_crm", path, "--all-errors")
    assert refusal.value.returncode == 1
    assert str(refusal.value) == "4 bad rows: nothing was imported."
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines() == [
        "companies.csv, line 1: " + BY.format(separator="semicolons"),
        "contacts.csv, line 2: created_at “no” is not an ISO 8601 time.",
        "contacts.csv, line 5: created_at “never” is not an ISO 8601 time.",
        "rates.csv, line 2: rate “x” is not a number.",
    ]
    assert not Contact.objects.exists()


def test_asking_for_all_bad_rows_changes_nothing_of_a_good_import(folder):
    call_command("import_crm", folder(), "--all-errors", stdout=StringIO())
    assert Contact.objects.count() == 2
