"""The house as design and docs/architecture.md draw it, held where import-linter cannot see."""

import ast
import itertools
import re
import sys
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader
from django.urls import get_resolver
from django.urls.resolvers import URLResolver

from studio.people.roles import Role, grants_of

ROOMS = [
    "studio.collation",
    "studio.mail",
    "studio.ui",
    "studio.people",
    "studio.rates",
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
ABOVE["budgets"] = {"collation", "ui", "people", "rates", "once", "planning", "budgets"}

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


def test_no_module_is_named_as_a_collection_of_helpers():
    names = {"utils", "helpers", "services", "common", "util", "helper", "misc"}
    found = {
        str(path.relative_to(settings.BASE_DIR))
        for package in PACKAGES
        for path in package.rglob("*")
        if path.stem in names and "static" not in path.parts
    }
    assert found == set()


def test_one_module_sends_mails():
    senders = {
        name
        for name, path in modules().items()
        if re.search(r"\bsend_mail\(|\bEmailMessage\(|\bmail_admins\(", path.read_text())
    }
    assert senders == {"studio.people.mail"}


MOST_MODULES = 25  # of one folder; what holds more is divided


def test_no_folder_holds_more_than_25_modules():
    held = Counter(
        str(path.parent.relative_to(settings.BASE_DIR))
        for package in PACKAGES
        for path in package.rglob("*.py")
        if "static" not in path.parts
    )
    assert len(held) > 30
    assert {folder: n for folder, n in held.items() if n > MOST_MODULES} == {}


def test_no_module_has_the_name_of_one_of_the_standard_library():
    names = {
        path.relative_to(settings.BASE_DIR): name.split(".") for name, path in modules().items()
    }
    assert [path for path, parts in names.items() if sys.stdlib_module_names & set(parts)] == []


def modules() -> dict[str, Path]:
    """Every module of the product by its dotted name; a package by its `__init__.py`."""
    found = {}
    for package in PACKAGES:
        for path in package.rglob("*.py"):
            parts = path.relative_to(settings.BASE_DIR).with_suffix("").parts
            if "static" not in parts:
                found[".".join(parts).removesuffix(".__init__")] = path
    return found


def is_for_types_alone(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def imported_by(tree: ast.AST) -> Iterator[str]:
    """Dotted names of what a module imports, inside functions too, but not for types alone."""
    for node in ast.iter_child_nodes(tree):
        if is_for_types_alone(node):
            for alternative in node.orelse:
                yield from imported_by(alternative)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        else:
            yield from imported_by(node)


def import_graph(found: dict[str, str]) -> dict[str, set[str]]:
    """Which of the modules each of them imports; `found` gives their texts by dotted name."""
    graph = {}
    for name, text in found.items():
        wanted = set()
        for target in imported_by(ast.parse(text)):
            wanted.add(target if target in found else target.rpartition(".")[0])
        graph[name] = (wanted & found.keys()) - {name}
    return graph


def circles(graph: dict[str, set[str]]) -> list[set[str]]:
    """Modules that import each other, directly or around: Tarjan's connected components of two
    and more."""
    counter, index, low = itertools.count(), {}, {}
    stack, found = [], []

    def visit(node: str) -> None:
        index[node] = low[node] = next(counter)
        stack.append(node)
        for other in graph[node]:
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            at = stack.index(node)
            members, stack[at:] = set(stack[at:]), []
            if len(members) > 1:
                found.append(members)

    for node in graph:
        if node not in index:
            visit(node)
    return found


def test_circles_are_found_where_an_import_is_hidden_in_a_function():
    found = {
        "a": "from b import thing",
        "b": "def act():\n    import c\n",
        "c": "from a.x import y\nimport a",
        "d": "if TYPE_CHECKING:\n    import e\nelse:\n    import a",
        "e": "import d",
    }
    assert circles(import_graph(found)) == [{"a", "b", "c"}]


def test_no_imports_go_in_circles_not_even_inside_functions():
    found = {name: path.read_text() for name, path in modules().items()}
    assert circles(import_graph(found)) == []


NAMED = re.compile(
    r"""{%-?\s*(?:include|extends|static)\s+"(\w+)/  # another template, or a static file
      | {%-?\s*load\s+([\w\s]+?)\s*-?%}""",
    re.VERBOSE,
)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_templates_draw_with_what_stands_above_them(path):
    room = path.relative_to(Path(settings.BASE_DIR) / "templates").parts[0]
    named = {name for names in NAMED.findall(path.read_text()) for name in " ".join(names).split()}
    assert (named & set(LABELS)) - ABOVE.get(room, set(LABELS)) == set()


# What machines ask for by path, as everywhere
BARE_URL_NAMES = {"healthz", "readyz", "metrics", "robots"}


def url_names(resolver: URLResolver, namespaces: tuple[str, ...] = ()) -> Iterator[str]:
    """The names of our own URLs, with their namespaces."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = (pattern.namespace,) if pattern.namespace else ()
            yield from url_names(pattern, namespaces + inner)
        elif pattern.name and pattern.callback.__module__.startswith(
            ("studio", "videos", "budgets")
        ):
            yield ":".join([*namespaces, pattern.name])


def test_urls_are_named_after_their_room():
    """`<room>_<name>`, or `<room>_<models>:<view>` for the URLs of a viewset."""
    ours = re.compile(rf"({'|'.join(LABELS)})_[a-z_]+(:[a-z_]+)?|wagtail\w+:\w+|wagtail\w+")
    named = {name for name in url_names(get_resolver()) if not ours.fullmatch(name)}
    assert {name for name in named if not name.startswith("api-")} == BARE_URL_NAMES
