"""Tasks of the queue. Each may come twice."""

from videos.review import notifications


def ask_reviewers(cut_id: int) -> None:
    """Mails those who may approve a cut that is ready to watch."""
    notifications.ask_reviewers(cut_id)


def tell_verdict(verdict_id: int) -> None:
    """Mails the producer and the uploader what was said of a cut."""
    notifications.tell_verdict(verdict_id)
