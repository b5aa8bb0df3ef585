"""The progress of a job as it is shown: it never decreases.

When work starts again, after a worker died or because a source could not be encoded in chunks, the
new run covers the part of the progress that is left. When finished chunks outlive their worker, the
new worker reports the progress of all chunks, and what is shown stays until that is higher.
"""


def onward(before: float, done: float) -> float:
    """The overall progress, from 0 to 1, when work restarted at `before` is at `done`."""
    return before + (1 - before) * min(1.0, max(0.0, done))


def left_of(before: float, shown: float) -> float:
    """The share of the restarted work that is left. The inverse of `onward`."""
    return (1 - shown) / (1 - before) if before < 1 else 0.0


class Progress:
    """The progress that is shown of a job, from 0 to 1."""

    def __init__(self, before: float = 0.0) -> None:
        self.before = self.shown = before

    def update(self, done: float) -> float:
        """Record the progress of the work; returns what is shown now."""
        self.shown = max(self.shown, onward(self.before, done))
        return self.shown

    def restart_progress(self) -> None:
        """The work starts again. What is shown is kept."""
        self.before = self.shown

    def resume_progress(self) -> None:
        """The work continues, and reports its progress as a whole, from 0 to 1."""
        self.before = 0.0
