"""What each role may do with deals and the influence report.

`access.py` limits experts to their own deals, and changes of closed deals to sales managers who do
not own them. `import_data` is for imports in the browser; the commands check no permission.
"""

from studio.people.roles import Role

OWN = [
    "deals.view_deal",
    "deals.add_deal",
    "deals.change_deal",
    "deals.close_deal",
    "deals.view_influence",
]
CLOSED = ["deals.reopen_deal", "deals.change_closed_deal"]
ALL_INFLUENCE = ["deals.view_influence", "deals.view_every_influence"]

GRANTS = {
    Role.PRODUCER: ALL_INFLUENCE,
    Role.EXPERT: OWN,
    Role.SALES_MANAGER: [
        *OWN,
        *ALL_INFLUENCE,
        *CLOSED,
        "deals.import_data",
        "deals.view_every_deal",
    ],
    Role.FINANCE: ALL_INFLUENCE,
    Role.LEADER: [
        *ALL_INFLUENCE,
        "deals.view_deal",
        "deals.view_every_deal",
    ],
}
