"""Being told to stop: SIGTERM means the node is taken back, SIGINT that a person changed their mind."""

from __future__ import annotations

import os
import signal
import threading

from .failures import EXIT_CODES, Failure
from .report import Report

_DETAILS = {"preempted": "stopped by SIGTERM", "cancelled": "stopped by SIGINT"}
_MARGIN = 0.8


class Stop:
    """Notes a signal; the work asks at places where it can stop well."""

    def __init__(self) -> None:
        self.requested: str | None = None
        self._report: Report | None = None
        self._grace = 3600.0

    def listen(self) -> None:
        signal.signal(signal.SIGTERM, lambda *_: self._ask("preempted"))
        signal.signal(signal.SIGINT, lambda *_: self._ask("cancelled"))

    def within(self, grace_seconds: float, report: Report) -> None:
        """From now on a stop that takes longer than the grace time ends the process."""
        self._grace, self._report = grace_seconds, report
        if self.requested:
            self._watch(self.requested)

    def check(self) -> None:
        """Raises the failure that was asked for."""
        if self.requested:
            raise Failure(self.requested, _DETAILS[self.requested])

    def _ask(self, kind: str) -> None:
        if self.requested is None:
            self.requested = kind
            if self._report:
                self._watch(kind)

    def _watch(self, kind: str) -> None:
        timer = threading.Timer(self._grace * _MARGIN, self._end, [kind])
        timer.daemon = True
        timer.start()

    def _end(self, kind: str) -> None:
        if self._report:
            self._report.failure(kind, f"{_DETAILS[kind]}; no checkpoint could be written within the grace time")
        os._exit(EXIT_CODES[kind])
