"""Tasks of the queue. Each may be delivered twice."""

from videos.audience.tracking import notifications


def notify_rep(view_id: int) -> None:
    """Mail the rep that a view through their share link counts."""
    notifications.notify_rep(view_id)


tell_rep = notify_rep  # the path that earlier versions have in their queues
