"""A program may print a line and say it as an event too; the log shows it once."""

from __future__ import annotations

from collections import deque

_REMEMBERED = 200


class Echoes:
    def __init__(self) -> None:
        self._heard: dict[tuple[str, str], deque[str]] = {}

    def is_echo(self, other: str, stream: str, text: str) -> bool:
        """Whether the `other` way ("print" or "event") said this line of `stream` before; each saying echoes once."""
        earlier = self._heard.get((other, stream))
        if earlier is not None and text in earlier:
            earlier.remove(text)
            return True
        own = "event" if other == "print" else "print"
        self._heard.setdefault((own, stream), deque(maxlen=_REMEMBERED)).append(text)
        return False
