"""`manage.py import_crm DIR`: companies, contacts, deals and rates from a CRM."""

from videos.deals.imports.command import ImportCommand
from videos.deals.imports.crm_import import import_crm


class Command(ImportCommand):
    help = (
        "Imports companies.csv, contacts.csv, deals.csv, deal_contacts.csv and rates.csv of a "
        "folder; any may be missing. With one bad row nothing is imported."
    )
    run_import = staticmethod(import_crm)
