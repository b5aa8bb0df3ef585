"""How far the work on a job is, as people see it: it never goes back.

Work begins anew after a worker died, or where a source cannot be made in pieces. What people saw by
then stays, and the new beginning goes on from there, over what is left of the way. Where the work
itself survived its worker, and tells of all that is made, it is not counted twice: what people saw
stays until there is more.
"""


def onward(before: float, done: float) -> float:
    """How far all is, from 0 to 1, where work that began anew at `before` is `done`."""
    return before + (1 - before) * min(1.0, max(0.0, done))


def left_of(before: float, shown: float) -> float:
    """Which part of the work that began anew at `before` is still to be done: the way back."""
    return (1 - shown) / (1 - before) if before < 1 else 0.0


class Progress:
    """What is shown of a job, from 0 to 1."""

    def __init__(self, before: float = 0.0) -> None:
        self.before = self.shown = before

    def tell(self, done: float) -> float:
        """Notes that the work is `done` so far; what is shown now."""
        self.shown = max(self.shown, onward(self.before, done))
        return self.shown

    def begin_anew(self) -> None:
        """The work starts from its beginning, with what is shown kept."""
        self.before = self.shown

    def go_on(self) -> None:
        """The work goes on where it was, and tells of all that is made, from 0 to 1."""
        self.before = 0.0
