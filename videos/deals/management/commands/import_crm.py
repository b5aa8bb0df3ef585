"""`manage.py import_crm DIR`: companies, contacts, deals and rates from a CRM."""

from videos.deals.crm_import import import_crm
from videos.deals.import_command import ImportCommand


class Command(ImportCommand):
    help = (
        "Imports companies.csv, contacts.csv, deals.csv, deal_contacts.csv and rates.csv of a "
        "folder; any may be missing. With one bad row nothing is imported."
    )
    bring_in = staticmethod(import_crm)
