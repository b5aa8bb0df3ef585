"""What each role may do with deals and rates, and of which deals it sees the influence.

An expert's own deals follow from `access.py`. What changes a closed deal's touches is no rep's act.
"""

from studio.people.roles import Role

OWN = ["deals.view_deal", "deals.add_deal", "deals.close_deal", "deals.view_influence"]
CLOSED = ["deals.reopen_deal", "deals.change_closed_deal"]
ALL_INFLUENCE = ["deals.view_influence", "deals.view_every_influence"]
RATES = ["deals.view_rate", "deals.add_rate", "deals.change_rate", "deals.delete_rate"]

GRANTS = {
    Role.PRODUCER: ALL_INFLUENCE,
    Role.EXPERT: OWN,
    Role.SALES_MANAGER: [
        *OWN,
        *ALL_INFLUENCE,
        *CLOSED,
        *RATES,
        "deals.change_deal",
        "deals.view_every_deal",
    ],
    Role.FINANCE: [*ALL_INFLUENCE, *RATES],
    Role.LEADER: [
        *ALL_INFLUENCE,
        "deals.view_deal",
        "deals.view_every_deal",
        "deals.view_rate",
    ],
}
