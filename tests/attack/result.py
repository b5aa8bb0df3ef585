"""What an act tried, and what came of it."""

from dataclasses import dataclass, field


@dataclass
class Result:
    """One act: how often it was tried, how often it was refused, and what it must not have done.

    `failures` are effects that the act must not have; empty means that the studio held.
    """

    name: str
    tried: int = 0
    refused: int = 0
    notes: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def expect(self, held: bool, failure: str) -> None:
        """Notes an effect that must not be, unless it `held`."""
        if not held:
            self.failures.append(failure)

    def note(self, text: str) -> None:
        """Something a reader wants to know."""
        self.notes.append(text)
