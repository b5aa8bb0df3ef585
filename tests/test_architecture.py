"""The house as design and docs/architecture.md draw it, held where import-linter cannot see."""

import re
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

from studio.people.roles import Role, grants_of

ROOMS = [
    "studio.mail",
    "studio.people",
    "studio.once",
    "videos.planning",
    "videos.media",
    "videos.review",
    "videos.publishing",
    "videos.audience",
    "videos.deals",
    "budgets",
    "studio.desk",
    "studio.operations",
]
LABELS = [room.rpartition(".")[2] for room in ROOMS]
# What an app may relate to, of our own: itself and what stands above it
ABOVE = {label: set(LABELS[: place + 1]) for place, label in enumerate(LABELS)}
ABOVE["budgets"] = {"people", "once", "planning", "budgets"}

PACKAGES = [Path(settings.BASE_DIR) / name for name in ("studio", "videos", "budgets")]
TEMPLATES = sorted(
    path
    for folder in [Path(settings.BASE_DIR) / "templates", *PACKAGES]
    for path in folder.rglob("*.html")
    if "static" not in path.parts
)
INLINE = re.compile(
    r"""<script(?![^>]*\ssrc\s*=)[^>]*>  # a script without an address
      | <style[\s>]
      | <[a-zA-Z][^<>]*\s(?:style|on[a-z]+)\s*=\s*["']?
      """,
    re.VERBOSE,
)


def test_the_rooms_are_the_installed_apps_of_ours():
    ours = [
        config.name
        for config in apps.get_app_configs()
        if config.name.partition(".")[0] in {"studio", "videos", "budgets"}
    ]
    assert ours == ROOMS


def test_model_relations_go_up_the_list_only():
    down = {
        f"{model._meta.label}.{field.name} → {field.related_model._meta.label}"
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in LABELS
        for field in model._meta.get_fields(include_hidden=True)
        if field.is_relation and not field.auto_created and field.related_model
        if field.related_model._meta.app_label in LABELS
        if field.related_model._meta.app_label not in ABOVE[model._meta.app_label]
    }
    assert down == set()


def test_migration_dependencies_go_up_the_list_only():
    loader = MigrationLoader(None)
    down = {
        f"{label}.{name} → {parent}.{before}"
        for (label, name), migration in loader.disk_migrations.items()
        if label in LABELS
        for parent, before in [*migration.dependencies, *migration.run_before]
        if parent in LABELS and parent not in ABOVE[label]
    }
    assert down == set()


@pytest.mark.django_db
def test_every_model_has_its_migration():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_grants_table_is_read_and_knows_the_roles():
    tables = {
        ".".join(path.relative_to(settings.BASE_DIR).parent.parts)
        for package in PACKAGES
        for path in package.rglob("grants.py")
    }
    assert tables == {config.name for config in apps.get_app_configs() if grants_of(config)}
    for room in tables:
        assert set(import_module(f"{room}.grants").GRANTS) <= set(Role)


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<script>alert(1)</script>", 1),
        ('<script type="module">x</script>', 1),
        ("<style>p {}</style>", 1),
        ('<p class="a"\n style="color: red">', 1),
        ("<button onclick=go()>", 1),
        ('<script type="module" src="/a.js"></script><p class="style">', 0),
        ('<button data-action="review#now" data-onclick="x">style="x"</button>', 0),
    ],
)
def test_the_search_finds_what_it_is_for(html, found):
    assert len(INLINE.findall(html)) == found
    assert len(TEMPLATES) > 10


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_template_holds_a_script_or_a_style_of_its_own(path):
    text = re.sub(r"{#.*?#}|{% comment.*?endcomment %}|{%.*?%}|{{.*?}}", "", path.read_text())
    assert [match.group() for match in INLINE.finditer(text)] == []


def test_no_module_collects_the_homeless():
    homeless = {"utils", "helpers", "services", "common", "util", "helper", "misc"}
    found = {
        str(path.relative_to(settings.BASE_DIR))
        for package in PACKAGES
        for path in package.rglob("*")
        if path.stem in homeless and "static" not in path.parts
    }
    assert found == set()
