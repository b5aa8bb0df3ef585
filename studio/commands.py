"""What our commands owe whoever types them: an error is one line and a status, never a trace."""

import io
import re
import sys
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser, SystemCheckError
from django.db import DatabaseError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

USAGE = 2  # the status of a wrong call
FLAW = re.compile("[\udc80-\udcff]")  # a byte that is not UTF-8, see `surrogateescape`


def as_line(text: str) -> str:
    """The text on one line, and harmless to a terminal: a space for each sign that is no sign."""
    text = FLAW.sub("\N{REPLACEMENT CHARACTER}", text)
    return "".join(sign if sign.isprintable() else " " for sign in text)


class StudioCommand(BaseCommand):
    """A command whose errors are one line on stderr: status 2 for a wrong call, else 1."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """The parser, which names what is wrong without the usage before it."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)

        def error(message: str) -> NoReturn:
            if parser.called_from_command_line:
                parser.exit(USAGE, f"{parser.prog}: {as_line(message)}\n")
            raise CommandError(as_line(message), returncode=USAGE)

        parser.error = error  # type: ignore[method-assign]  # Django names the parser's class
        return parser

    def run_from_argv(self, argv: list[str]) -> None:
        """Runs with an output that bears every sign, whatever the terminal's encoding."""
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")
        super().run_from_argv(argv)

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Runs the command; what goes wrong is a CommandError of one line."""
        try:
            return super().execute(*args, **options)
        except SystemCheckError:
            raise  # a list, for those who set the studio up
        except CommandError as refusal:
            text = as_line(str(refusal))
            raise type(refusal)(text, returncode=refusal.returncode) from refusal
        except DatabaseError as failure:
            reason = trouble(failure)
            if not reason:
                raise
            raise CommandError(as_line(reason)) from failure


def trouble(failure: DatabaseError) -> str:
    """Why the database cannot answer, and what to do; empty where it is not to blame."""
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
