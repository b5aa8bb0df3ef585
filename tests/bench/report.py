"""The table of figures: on the screen, and in docs/benchmarks.md with machine and date."""

import os
import platform
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from django.conf import settings
from django.utils.timezone import localtime

from tests.bench.figures import Figure
from videos.media.transcoding.sandbox.process import GIB

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "benchmarks.md"
BEGIN, END = "<!-- written by make bench: begin -->", "<!-- written by make bench: end -->"


def line(figure: Figure) -> str:
    """A figure for people."""
    value = f"{figure.value:.3f} {figure.unit}".strip()
    return f"{figure.name:<42} {value:>12}  {figure.promise:<8} {figure.verdict}".rstrip()


def machine() -> str:
    """What it ran on."""
    model = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    return (
        f"{model[1] if model else platform.machine()}, {os.cpu_count()} processors, "
        f"{memory:.0f} GiB; {platform.system()} {platform.release()}"
    )


def section(group: str, figures: Sequence[Figure], said: str) -> str:
    """One group's figures in Markdown, with when and on what they were measured."""
    rows = [
        f"| {f.name} | {f'{f.value:.3f} {f.unit}'.strip()} | {f.promise} | {f.verdict} |"
        for f in figures
    ]
    head = [f"### {group}", "", said, "", "| Figure | Measured | Promise | |"]
    return "\n".join([*head, "| --- | ---: | --- | --- |", *rows])


def merged(known: str, fresh: Mapping[str, str]) -> str:
    """The sections of a document, with those that are `fresh` in their place, or last."""
    old = {
        text.partition("\n")[0].removeprefix("### "): text.strip()
        for text in re.split(r"^(?=### )", known, flags=re.MULTILINE)
        if text.startswith("### ")
    }
    return "\n\n".join((old | fresh).values())


def write(figures: Sequence[Figure], load: float) -> None:
    """Put what was measured into the document; what was not stays as it was."""
    when = localtime().strftime("%Y-%m-%d %H:%M")
    said = f"{when}, {machine()}. Load before the start: {load:.1f}."
    groups = dict.fromkeys(figure.group for figure in figures)
    fresh = {
        group: section(group, [figure for figure in figures if figure.group == group], said)
        for group in groups
    }
    before, _begin, rest = DOCUMENT.read_text().partition(BEGIN)
    known, _end, after = rest.partition(END)
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{merged(known, fresh)}\n\n{END}{after}")
