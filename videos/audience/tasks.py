"""Tasks of the queue. Each may come twice."""

from videos.audience import telling


def tell_rep(view_id: int) -> None:
    """Mails the rep of a view's share link that it was watched."""
    telling.tell_rep(view_id)
