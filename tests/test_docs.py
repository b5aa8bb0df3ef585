"""The documentation names what is there: links, files, and decisions without gaps."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DECISIONS = ROOT / "docs" / "decisions"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
# A path with a folder and an ending, or with a folder alone, in backticks
NAMED = re.compile(r"`((?:studio|videos|budgets|tests|templates|docs|locale)/[\w./-]+)`")


def numbered() -> list[Path]:
    return sorted(DECISIONS.glob("[0-9]*.md"))


def anchors_of(page: Path) -> set[str]:
    """What a forge makes of headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {
        re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path):
    broken = []
    for target in LINK.findall(page.read_text()):
        if re.match(r"[a-z]+:", target):
            continue
        path, _hash, anchor = target.partition("#")
        led_to = (page.parent / path).resolve() if path else page
        if not led_to.exists() or (anchor and anchor not in anchors_of(led_to)):
            broken.append(target)
    assert broken == []


def test_decisions_are_numbered_without_gaps_and_titled_by_their_number():
    pages = numbered()
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    titles = [page.read_text().partition("\n")[0] for page in pages]
    assert [title.partition(". ")[0] for title in titles] == [
        f"# {n + 1}" for n in range(len(pages))
    ]


def test_the_index_of_decisions_names_each_by_its_title():
    rows = re.findall(
        r"^\| (\d+) \| \[(.+)\]\((.+)\) \|$", (DECISIONS / "README.md").read_text(), re.MULTILINE
    )
    assert rows == [
        (str(int(page.name[:4])), page.read_text().partition("\n")[0].partition(". ")[2], page.name)
        for page in numbered()
    ]


def test_decisions_that_the_code_names_are_there():
    broken = []
    for folder in ("studio", "videos", "budgets", "templates", "tests"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix not in {".py", ".js", ".html", ".css"} or "migrations" in path.parts:
                continue
            for name in re.findall(r"decisions/(\d{4}[\w-]*)", path.read_text()):
                if not list(DECISIONS.glob(f"{name}*.md")):
                    broken.append(f"{path.relative_to(ROOT)}: {name}")
    assert broken == []


def test_how_to_develop_names_files_that_are_there():
    named = NAMED.findall((ROOT / "docs" / "develop.md").read_text())
    assert len(named) > 30
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_glossary_names_modules_that_are_there():
    """`planning.models.Video`: a room, a module or a package of it, and its class or constant."""
    rooms = {
        folder.name: folder
        for parent in ("studio", "videos", ".")
        for folder in (ROOT / parent).iterdir()
        if (folder / "apps.py").exists()
    }
    missing = []
    for name in re.findall(r"`([a-z_]+(?:\.\w+)+)`", (ROOT / "docs" / "glossary.md").read_text()):
        room, *parts = name.split(".")
        path = rooms[room]
        while parts and ((path / parts[0]).is_dir() or (path / f"{parts[0]}.py").exists()):
            path = path / parts.pop(0)
        code = sorted(path.glob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
        defined = "\n".join(file.read_text() for file in code)
        definition = rf"^(class {parts[0]}\b|{parts[0]}\b ?[:=])" if parts else ""
        if len(parts) > 1 or not re.search(definition, defined, re.M):
            missing.append(name)
    assert missing == []


def test_how_to_develop_names_every_table_of_grants_and_every_module_that_sends_mails():
    sends = re.compile(r"\bmail_user\(|\bmail_in_studio_language\(")
    modules = {
        str(path.relative_to(ROOT)): path.read_text()
        for folder in ("studio", "videos", "budgets")
        for path in (ROOT / folder).rglob("*.py")
    }
    wanted = {
        path
        for path, code in modules.items()
        if path.endswith("/grants.py") or (sends.search(code) and path != "studio/people/mail.py")
    }
    assert len(wanted) > 15
    assert wanted - set(NAMED.findall((ROOT / "docs" / "develop.md").read_text())) == set()


def test_the_rules_name_tests_that_are_there():
    """Each rule names one at least, as `tests/path.py::test_name`."""
    page = (ROOT / "docs" / "rules.md").read_text()
    rows = [row for row in re.findall(r"^\| (.+) \|$", page, re.M) if not row.startswith("-")]
    rules = [row for row in rows if not row.startswith("Rule |")]
    assert len(rules) > 40
    missing = []
    for rule in rules:
        named = re.findall(r"`(tests/[\w/]+\.py)::(?:Test\w+::)?(test_\w+)`", rule)
        if not named:
            missing.append(rule)
        for path, name in named:
            code = (ROOT / path).read_text() if (ROOT / path).exists() else ""
            if not re.search(rf"^ *(?:async )?def {name}\(", code, re.M):
                missing.append(f"{path}::{name}")
    assert missing == []


def test_what_an_outsider_can_fake_and_what_holds_it_is_written_down():
    """Who, what they can, what they cannot, and by what: no cell of the table is empty."""
    page = (DECISIONS / "0044-what-outsiders-can-fake.md").read_text()
    table = re.findall(r"^\| (.+) \|$", page, re.M)
    head, _line, *rows = [[cell.strip() for cell in row.split(" | ")] for row in table]
    assert head == ["Who", "Can", "Cannot", "Held by"]
    assert len(rows) > 20
    assert [row for row in rows if len(row) != len(head) or not all(row)] == []
