"""What each role may do with rates of exchange."""

from studio.people.roles import Role

EDIT = ["rates.view_rate", "rates.add_rate", "rates.change_rate", "rates.delete_rate"]

GRANTS = {
    Role.SALES_MANAGER: EDIT,
    Role.FINANCE: EDIT,
    Role.LEADER: ["rates.view_rate"],
}
