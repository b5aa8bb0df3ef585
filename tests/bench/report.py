"""The table of figures: on the screen, and in docs/benchmarks.md with machine and date."""

import os
import platform
import re
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.utils.timezone import localtime

from tests.bench.figures import Figure
from videos.media.confine import GIB

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


def table(figures: Sequence[Figure]) -> str:
    """The figures in Markdown, a table a group."""
    lines = []
    for group in dict.fromkeys(figure.group for figure in figures):
        lines += [
            f"### {group}",
            "",
            "| Figure | Measured | Promise | |",
            "| --- | ---: | --- | --- |",
        ]
        lines += [
            f"| {f.name} | {f'{f.value:.3f} {f.unit}'.strip()} | {f.promise} | {f.verdict} |"
            for f in figures
            if f.group == group
        ]
        lines.append("")
    return "\n".join(lines)


def write(figures: Sequence[Figure], load: float, seconds: float) -> None:
    """Put the figures where the last ones stand in the document."""
    when = localtime().strftime("%Y-%m-%d %H:%M")
    said = (
        f"{BEGIN}\n\n{when}, {machine()}. Load of the machine before the start: {load:.1f}. "
        f"It took {seconds / 60:.0f} minutes.\n\n{table(figures)}\n{END}"
    )
    before, _begin, rest = DOCUMENT.read_text().partition(BEGIN)
    _old, _end, after = rest.partition(END)
    DOCUMENT.write_text(before + said + after)
