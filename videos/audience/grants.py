"""What each role may do with companies, contacts, share links and views.

Which share links and views a user sees is decided in `access.py`.
"""

from studio.people.roles import Role

SEES_VIEWS = ["audience.view_view", "audience.view_every_view"]
SEES_BUYERS = ["audience.view_company", "audience.view_contact"]
ADDS_BUYERS = [*SEES_BUYERS, "audience.add_company", "audience.add_contact"]
SHARES = ["audience.view_sharelink", "audience.add_sharelink", "audience.view_view"]

GRANTS = {
    Role.PRODUCER: [*SEES_VIEWS, *SEES_BUYERS, "audience.change_playbackproblem"],
    Role.EXPERT: [*ADDS_BUYERS, *SHARES],
    Role.SALES_MANAGER: [
        *SEES_VIEWS,
        *ADDS_BUYERS,
        "audience.change_company",
        "audience.change_contact",
        *SHARES,
        "audience.view_every_sharelink",
    ],
    Role.FINANCE: SEES_VIEWS,
    Role.LEADER: SEES_VIEWS,
}
"""Finance and leaders may open the views behind a report, but not contacts' pages."""
