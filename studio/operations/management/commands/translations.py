"""Catalogues of messages: `make messages` and what `make setup` and `make lint` need of them."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from studio.operations import translations


class Command(BaseCommand):
    help = "Updates, checks or compiles the catalogues under locale/."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=["update", "check", "compile"])

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        paths = translations.catalogues()
        if act == "compile":
            translations.compile_all(paths)
            return
        template = translations.extracted(settings.BASE_DIR)
        if act == "update":
            for path in paths:
                changed = translations.update(path, template)
                left = len(translations.faults(translations.read(path), template))
                state = "updated" if changed else "up to date"
                self.stdout.write(f"{self.short(path)}: {state}, {left} to translate")
            return
        found = [
            f"{self.short(path)}: {fault}"
            for path in paths
            for fault in translations.faults(translations.read(path), template)
        ]
        if found:
            raise CommandError("\n".join([*found, f"{len(found)} messages are not translated."]))

    @staticmethod
    def short(path: Any) -> str:
        return str(path.relative_to(settings.BASE_DIR))
