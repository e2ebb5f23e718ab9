"""The one place that says whether, and why, the run shall end early."""

from __future__ import annotations

import signal
import threading


class Stop:
    """First reason wins. `requested` is set with it, so that waits end at once."""

    def __init__(self) -> None:
        self.requested = threading.Event()
        self.reason: str | None = None
        self.detail = ""
        self.is_disowned = False
        self._lock = threading.Lock()

    def listen(self) -> None:
        """The engine takes the node back with SIGTERM; a person at a terminal sends SIGINT."""
        signal.signal(signal.SIGTERM, lambda *_: self.ask("preempted", "the engine asked the run to stop"))
        signal.signal(signal.SIGINT, lambda *_: self.ask("cancelled", "stopped by SIGINT"))

    def ask(self, reason: str, detail: str) -> None:
        # A signal handler may interrupt the holder of the lock, so it never waits for it.
        if not self._lock.acquire(blocking=False):
            return
        try:
            # Whoever stops because the engine said so may still learn that a person asked for it.
            if self.reason is None or (self.reason == "preempted" and reason in ("cancelled", "paused")):
                self.reason, self.detail = reason, detail
        finally:
            self._lock.release()
        self.requested.set()

    def disown(self, detail: str) -> None:
        self.is_disowned = True
        self.ask("lost", detail)
