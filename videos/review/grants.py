"""What each role may do in the review; which videos it holds for: `access.py`."""

from studio.people.roles import Role

WATCH = ["review.view_verdict", "review.view_comment", "review.add_comment"]

GRANTS = {
    Role.PRODUCER: [*WATCH, "review.send_back_any_cut"],
    Role.EXPERT: [*WATCH, "review.review_cut"],
    Role.SALES_MANAGER: [*WATCH, "review.review_any_cut"],
}
