"""What others rely on stays as docs/reference.md says: commands, CSV columns, addresses, names.

The JSON of each command is compared whole where the command is tested: `influence` in
tests/videos/deals/test_command.py, `budget_report` in tests/budgets/test_report.py, `transcode` in
tests/videos/media/test_transcode.py; the reports of a browser in
tests/videos/audience/test_beacon.py.
"""

import re
from importlib import import_module
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.urls import resolve

from videos.deals.imports import schemas

ROOT = Path(__file__).resolve().parents[1]
OPTIONS = {
    "demo": {"--reset"},
    "transcode": {"--json"},
    "import_crm": {"--all-errors", "--json"},
    "import_views": {"--all-errors", "--json"},
    "influence": {
        "--model",
        "--lookback-days",
        "--landmark-days",
        "--from",
        "--to",
        "--currency",
        "--as-of",
        "--skip-missing-rates",
        "--json",
    },
    "budget_report": {"--period", "--currency", "--json"},
}
COLUMNS = {
    "companies.csv": "company_id,name,domain",
    "contacts.csv": "contact_id,email,name,company_id,created_at",
    "deals.csv": (
        "deal_id,name,company_id,owner_email,status,stage,amount,currency,created_at,closed_at"
    ),
    "deal_contacts.csv": "deal_id,contact_id,role",
    "rates.csv": "date,from_currency,to_currency,rate",
    "videos.csv": "video_id,title,duration_seconds,published_at",
    "views.csv": (
        "view_id,video_id,viewer_id,contact_id,started_at,seconds_watched,is_bot,is_internal"
    ),
}
FIELDS = {
    "videos.audience.models.Contact": "public_id email name company created_at",
    "videos.audience.models.ShareLink": "token video contact rep created_at",
    "videos.audience.models.View": (
        "public_id video viewer contact share_link started_at seconds_watched ranges is_staff"
        " is_internal is_bot counted_at imported"
    ),
    "videos.deals.models.Deal": (
        "public_id name company owner owner_email status stage amount currency created_at closed_at"
    ),
    "videos.deals.models.DealContact": "deal contact role",
    "videos.publishing.models.VideoPage": "video cut summary body",
    "videos.planning.models.Question": "text heard_by heard_at heard_on video",
    "studio.people.models.User": (
        "email first_name last_name is_active is_staff is_superuser groups"
    ),
}
ADDRESSES = [
    "/",
    "/admin/",
    "/s/0123456789abcdef0123456789abcdef",
    "/api/v1/openapi.json",
    "/api/v1/views/4b8c7f9e-0000-4000-8000-000000000000",
    "/healthz",
    "/readyz",
    "/metrics",
]
VARIABLES = [
    "DATABASE_URL",
    "REDIS_URL",
    "S3_BUCKET",
    "S3_ENDPOINT_URL",
    "SECRET_KEY",
    "BASE_URL",
    "EMAIL_URL",
    "TIME_ZONE",
    "CURRENCY",
    "DATA_DIR",
    "TRANSCODE_CLUSTER",
    "DEMO",
    "RATE_LIMITS",
    "SIGNED_URL_HOURS",
]


@pytest.mark.parametrize("name", OPTIONS)
def test_a_command_takes_what_it_took(name):
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    taken = {text for action in parser._actions for text in action.option_strings}
    assert OPTIONS[name] <= taken


@pytest.mark.parametrize("name", COLUMNS)
def test_a_csv_file_has_the_columns_it_had(name):
    (schema,) = [
        value
        for value in vars(schemas).values()
        if isinstance(value, schemas.CsvSchema) and value.file == name
    ]
    assert [*schema.columns, *schema.optional] == COLUMNS[name].split(",")


@pytest.mark.parametrize("path", FIELDS)
def test_a_model_has_the_fields_it_had_at_its_import_path(path):
    module, _dot, name = path.rpartition(".")
    fields = {field.name for field in getattr(import_module(module), name)._meta.get_fields()}
    assert set(FIELDS[path].split()) <= fields


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_is_answered(address):
    found = resolve(address)
    assert found.url_name != "wagtail_serve" or address == "/"


def test_the_player_is_found_on_a_page_by_what_it_was_found_by():
    player = (ROOT / "templates" / "media" / "player.html").read_text()
    for mark in ("data-video=", "data-hls=", 'class="player-start"'):
        assert mark in player


def test_the_variables_of_the_environment_are_documented():
    documented = set(
        re.findall(r"^\| `(\w+)`", (ROOT / "docs" / "configuration.md").read_text(), re.MULTILINE)
    )
    assert set(VARIABLES) <= documented


def test_make_has_the_targets_it_had():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"setup", "run", "test", "lint", "bench", "chaos", "messages", "mutate"} <= targets
