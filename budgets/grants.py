"""What each role may do with the budget."""

from studio.people.roles import Role

GRANTS = {
    Role.PRODUCER: ["budgets.request_estimate"],
    Role.SALES_MANAGER: ["budgets.view_report"],
    Role.LEADER: ["budgets.view_report"],
    Role.FINANCE: [
        "budgets.view_report",
        "budgets.view_entry",
        "budgets.view_estimate",
        "budgets.greenlight_estimate",
        "budgets.post_expense",
        "budgets.close_period",
        "budgets.override_line",
        *(
            f"budgets.{act}_{model}"
            for model in ("budget", "line", "period")
            for act in ("view", "add", "change", "delete")
        ),
    ],
}
