"""`manage.py import_views DIR`: videos and views from other players or earlier years."""

from videos.deals.imports.command import ImportCommand
from videos.deals.imports.view_import import import_views


class Command(ImportCommand):
    help = (
        "Imports videos.csv and views.csv of a folder; either may be missing. With one bad row "
        "nothing is imported."
    )
    run_import = staticmethod(import_views)
