"""What each role may do with deals, and of which it sees the influence.

An expert's own deals follow from `access.py`.
"""

from studio.people.roles import Role

OWN = ["deals.view_deal", "deals.add_deal", "deals.close_deal", "deals.view_influence"]
ALL_INFLUENCE = ["deals.view_influence", "deals.view_every_influence"]

GRANTS = {
    Role.PRODUCER: ALL_INFLUENCE,
    Role.EXPERT: OWN,
    Role.SALES_MANAGER: [*OWN, *ALL_INFLUENCE, "deals.change_deal", "deals.view_every_deal"],
    Role.FINANCE: ALL_INFLUENCE,
    Role.LEADER: [*ALL_INFLUENCE, "deals.view_deal", "deals.view_every_deal"],
}
