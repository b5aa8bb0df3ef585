"""`manage.py import_views DIR`: videos and views of other players, or of years past."""

from videos.deals.import_command import ImportCommand
from videos.deals.view_import import import_views


class Command(ImportCommand):
    help = (
        "Imports videos.csv and views.csv of a folder; either may be missing. With one bad row "
        "nothing is imported."
    )
    bring_in = staticmethod(import_views)
