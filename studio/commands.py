"""The base class of management commands: an error is one line and an exit status, no traceback."""

import io
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser, SystemCheckError
from django.db import DatabaseError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import translation
from django.utils.translation import gettext as _

USAGE = 2  # exit status for wrong arguments
FLAW = re.compile("[\udc80-\udcff]")  # a byte that is not UTF-8 (`surrogateescape`)


def as_line(text: str) -> str:
    """Return the text on one line, with unprintable characters replaced by spaces."""
    text = FLAW.sub("\N{REPLACEMENT CHARACTER}", text)
    return "".join(sign if sign.isprintable() else " " for sign in text)


def text_table(
    header: Sequence[str], rows: Iterable[Sequence[str]], *, left: int = 1, rule: bool = False
) -> Iterator[str]:
    """The lines of a table in plain text, its cells made safe for a terminal.

    The first `left` columns are aligned to the left, the others to the right. `rule` draws a line
    of dashes under the header.
    """
    table = [[as_line(text) for text in row] for row in [header, *rows]]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    if rule:
        table.insert(1, ["-" * width for width in widths])
    for row in table:
        cells = (
            text.ljust(width) if column < left else text.rjust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()


class StudioCommand(BaseCommand):
    """A command whose errors are one line on stderr: exit status 2 for wrong arguments, else 1."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Create a parser that reports errors without printing the usage."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)

        def error(message: str) -> NoReturn:
            if parser.called_from_command_line:
                parser.exit(USAGE, f"{parser.prog}: {as_line(message)}\n")
            raise CommandError(as_line(message), returncode=USAGE)

        parser.error = error  # type: ignore[method-assign]  # Django names the parser's class
        return parser

    def run_from_argv(self, argv: list[str]) -> None:
        """Run with an output that accepts every character, whatever the terminal's encoding."""
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")
        super().run_from_argv(argv)

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command in English; errors become a CommandError of one line.

        Scripts read what is printed, and it would otherwise change with LANGUAGE_CODE.
        """
        with translation.override("en"):
            return self.execute_in_one_line(*args, **options)

    def execute_in_one_line(self, *args: Any, **options: Any) -> str | None:
        """Run the command; errors become a CommandError of one line."""
        try:
            return super().execute(*args, **options)
        except SystemCheckError:
            raise  # a list for administrators
        except CommandError as refusal:
            text = as_line(str(refusal))
            raise type(refusal)(text, returncode=refusal.returncode) from refusal
        except DatabaseError as failure:
            reason = trouble(failure)
            if not reason:
                raise
            raise CommandError(as_line(reason)) from failure


def trouble(failure: DatabaseError) -> str:
    """Explain a database error and what to do; empty if the database is not the cause."""
    try:
        executor = MigrationExecutor(connection)
        behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as deeper:
        return _("The database does not answer: %(why)s") % {"why": deeper}
    if behind and not executor.loader.applied_migrations:
        return _("The studio has no database yet: run make run or manage.py migrate first.")
    if behind:
        return _("The database is older than the studio: run manage.py migrate first.")
    if isinstance(failure, OperationalError):
        return _("The database does not answer: %(why)s") % {"why": failure}
    return ""
