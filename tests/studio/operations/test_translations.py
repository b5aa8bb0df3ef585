"""Catalogues: what is extracted, what is a fault, and that nothing in the code escapes them."""

import ast
import gettext
from pathlib import Path
from typing import Any

import django
import pytest
from babel.messages.catalog import Catalog
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from studio.operations import translations

PLURAL = ("%(n)d cut", "%(n)d cuts")


def catalogue(*messages: tuple[Any, Any], flags: tuple[str, ...] = ()) -> Catalog:
    made = Catalog(locale="de", fuzzy=False)
    for message, text in messages:
        made.add(message, text, flags=flags)
    return made


def what(message: Any, text: Any, flags: tuple[str, ...] = ()) -> list[str]:
    found = translations.faults(catalogue((message, text), flags=flags), catalogue((message, "")))
    return [fault.what for fault in found]


def test_a_whole_translation_has_no_fault():
    assert what("Ready, %(name)s", "%(name)s: fertig") == []
    assert what(PLURAL, ("Ein Schnitt", "%(n)d Schnitte")) == ["other placeholders"]
    assert what(PLURAL, ("%(n)d Schnitt", "%(n)d Schnitte")) == []
    assert what(("one cut", "%(n)d cuts"), ("ein Schnitt", "%(n)d Schnitte")) == []


@pytest.mark.parametrize(
    ("message", "text", "fault"),
    [
        ("Ready", "", "not translated"),
        (PLURAL, ("%(n)d Schnitt", ""), "not translated"),
        ("Ready, %(name)s", "Fertig", "other placeholders"),
        ("Ready, %(name)s", "Fertig, %(nmae)s", "other placeholders"),
        ("%(n)d s", "%(n)s s", "other placeholders"),
        ("{name} is ready", "{nome} ist fertig", "other placeholders"),
        ("Ready\n", "Fertig", "begins or ends with another line break"),
    ],
)
def test_what_is_wrong_with_a_translation_is_named(message, text, fault):
    assert what(message, text) == [fault]


def test_a_fuzzy_translation_is_a_fault():
    assert what("Ready", "Fertig", ("fuzzy",)) == ["fuzzy"]


def test_a_message_that_the_catalogue_lacks_is_a_fault():
    found = translations.faults(catalogue(), catalogue(("Ready", "")))
    assert found == [translations.Fault("Ready", "missing")]


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A module and a template of a studio, and a German catalogue that knows a part of them."""
    (tmp_path / "studio").mkdir()
    (tmp_path / "studio" / "cuts.py").write_text(
        "gettext_lazy('Approve')\nngettext('%(n)d cut', '%(n)d cuts', n)\n"
        "pgettext_lazy('verb', 'Post')\n"
    )
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "cut.html").write_text(
        '{% load i18n %}\n    <p>{% translate "It\'s here" %}</p>\n'
        "{{ who|default:_('Nobody yet') }}\n"
        "{% blocktranslate trimmed count n=n %}\n    One\n    day\n"
        "{% plural %}\n    {{ n }} days\n{% endblocktranslate %}"
    )
    return tmp_path


EXTRACTED = [
    "Approve",
    ("%(n)d cut", "%(n)d cuts"),
    "Post",
    "It's here",
    "Nobody yet",
    ("One day", "%(n)s days"),
]


def test_messages_are_found_in_modules_and_templates(code: Path):
    found = translations.extracted(code)
    assert [message.id for message in found if message.id] == EXTRACTED
    assert found.get("Post", "verb")


def test_an_update_adds_what_is_new_drops_what_is_gone_and_keeps_the_rest(code: Path):
    path = code / "locale" / "de" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    translations.write(path, catalogue(("Approve", "Freigeben"), ("Aprove", "Alt")))

    assert translations.update(path, translations.extracted(code))

    updated = translations.read(path)
    assert sorted(str(one.id) for one in updated if one.id) == sorted(map(str, EXTRACTED))
    assert updated["Approve"].string == "Freigeben"
    written = path.read_bytes()
    assert not translations.update(path, translations.extracted(code))
    assert path.read_bytes() == written


def test_compiled_messages_are_read_by_gettext_and_fuzzy_ones_are_not(tmp_path: Path):
    path = tmp_path / "de" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    made = catalogue(("Approve", "Freigeben"), ("Cancel", ""), (PLURAL, ("", "")))
    made.add("Post", "Buchen", flags=("fuzzy",))
    translations.write(path, made)
    translations.compile_all([path])
    german = gettext.translation("django", tmp_path, ["de"])
    assert [german.gettext(text) for text in ("Approve", "Cancel", "Post")] == [
        "Freigeben",
        "Cancel",
        "Post",
    ]
    assert german.ngettext(*PLURAL, 2) == PLURAL[1]


def test_the_check_fails_with_each_fault(code: Path, settings: Any):
    path = code / "locale" / "de" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    translations.write(path, catalogue())
    settings.BASE_DIR, settings.LOCALE_PATHS = code, [code / "locale"]
    with pytest.raises(CommandError, match=r"missing: 'Approve'(.|\n)*6 messages"):
        call_command("translations", "check")


def test_each_language_that_can_be_chosen_has_a_catalogue_but_english():
    languages = {path.parts[-3] for path in translations.catalogues()}
    assert languages | {"en"} == {code for code, _name in settings.LANGUAGES}


# What no catalogue can hold


def modules() -> list[Path]:
    return [path for path in translations.sources(settings.BASE_DIR) if path.suffix == ".py"]


def calls_of(path: Path, names: set[str]) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
    ]


def test_nothing_is_translated_that_is_put_together_first():
    names = {*translations.KEYWORDS, "_"}
    found = [
        f"{path}:{call.lineno}"
        for path in modules()
        for call in calls_of(path, names)
        if isinstance(call.args[0], ast.JoinedStr | ast.BinOp | ast.IfExp)
    ]
    assert found == []


def test_gettext_is_called_by_a_name_that_is_extracted():
    known = {*translations.KEYWORDS, "_"}
    renamed = [
        f"{path}:{node.lineno}: {alias.asname}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.asname and alias.asname not in known
    ]
    assert renamed == []


def test_nothing_is_translated_within_an_f_string():
    """Babel sees none of these: to Python 3.11 an f-string is one token."""
    names = {*translations.KEYWORDS, "_"}
    found = [
        f"{path}:{inner.lineno}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.JoinedStr)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Call)
        and isinstance(inner.func, ast.Name)
        and inner.func.id in names
    ]
    assert found == []


# Words that mean the same in Wagtail's or Django's German, where ours is the better one
OURS_EVERYWHERE = {
    "just now",
    "Search",
    "created",
    "Stopped",
    "In progress",
    "Saving…",
    "active",
    "View live",
    "Home",
    "Id",
    "requested by",
    "History",
}


def test_our_german_changes_no_word_of_wagtails_or_djangos_unseen():
    """All catalogues are one, ours first: a word that means something else needs a context."""
    folders = [Path(django.__file__).parent / "conf"]
    folders += [Path(app.path) for app in apps.get_app_configs()]
    theirs: dict[str, str] = {}
    for path in (folder / "locale/de/LC_MESSAGES/django.po" for folder in folders):
        if path.is_file():
            for message in translations.read(path):
                if not message.context and message.id and not message.pluralizable:
                    theirs.setdefault(str(message.id), str(message.string))
    assert len(theirs) > 1000
    ours = settings.BASE_DIR / "locale/de/LC_MESSAGES/django.po"
    changed = {
        message.id
        for message in translations.read(ours)
        if not message.context
        and isinstance(message.id, str)
        and theirs.get(message.id)
        and theirs[message.id] != message.string
    }
    assert changed == OURS_EVERYWHERE
