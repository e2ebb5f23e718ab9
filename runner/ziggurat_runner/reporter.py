"""Sends the spool, batch by batch, for as long as the run lives; hears what the control plane wants."""

from __future__ import annotations

import threading
import time

from .client import Away, Backoff, Client, Refused
from .events import log_event
from .spool import Spool
from .stop import Stop

_MOST = 1000
_GONE = (401, 403, 404, 410)
_GIVE_UP_SECONDS = 60.0


class Reporter:
    def __init__(self, client: Client, spool: Spool, stop: Stop, interval: float) -> None:
        self._client = client
        self._spool = spool
        self._stop = stop
        self._interval = interval
        self.heartbeat = 5.0
        """Seconds between two calls when there is nothing to say."""
        self._closed = threading.Event()
        self._drained = threading.Condition()
        self._refused_since: float | None = None
        self._answers = 0
        self._most = _MOST
        self._thread = threading.Thread(target=self._run, name="reporter", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._closed.set()
        self._thread.join(timeout=5)

    def flush(self, patience: float) -> bool:
        """Waits until everything was acknowledged. False when it was not, or when nobody wants it any more."""
        deadline = time.monotonic() + patience
        answers = self._answers
        with self._drained:
            while not self._spool.is_drained:
                # Events of a cancelled job are not stored, so one answer after the last event is all there will be.
                if self._stop.reason == "cancelled" and self._answers > answers + 1:
                    return False
                left = deadline - time.monotonic()
                if left <= 0 or self._stop.is_disowned:
                    return False
                self._drained.wait(min(left, 0.2))
        return True

    def _run(self) -> None:
        backoff, heard = Backoff(), -1e9
        while not self._closed.is_set():
            # The first call asks how far an earlier runner of this attempt came.
            batch = self._spool.next_batch(self._most) if self._answers else []
            if not batch and time.monotonic() - heard < self.heartbeat:
                self._closed.wait(self._interval)
                continue
            try:
                answer = self._client.events(batch)
            except Away:
                self._closed.wait(backoff.seconds())
                continue
            except Refused as error:
                self._refused(error, batch)
                self._closed.wait(backoff.seconds())
                continue
            backoff.reset()
            heard = time.monotonic()
            self._refused_since = None
            self._most = _MOST
            self._accept(answer)
            self._closed.wait(self._interval if len(batch) < _MOST else 0)

    def _accept(self, answer: dict) -> None:
        self._spool.acknowledge(int(answer.get("acknowledged", 0)))
        command = answer.get("command")
        if command == "cancel":
            self._stop.ask("cancelled", "stopped on request")
        elif command == "pause":
            self._stop.ask("paused", "paused on request")
        with self._drained:
            self._answers += 1
            self._drained.notify_all()

    def _refused(self, error: Refused, batch: list[dict]) -> None:
        if error.status == 409:
            # A gap or a place we no longer know: an empty batch answers how far the control plane got.
            try:
                self._accept(self._client.events([]))
            except (Away, Refused):
                return
        elif error.status in _GONE:
            self._refused_since = self._refused_since or time.monotonic()
            if time.monotonic() - self._refused_since > _GIVE_UP_SECONDS:
                self._stop.disown(f"the control plane no longer knows this attempt ({error.status})")
        elif len(batch) > 1:
            self._most = 1
        elif batch:
            self._spool.replace(batch[0]["seq"], log_event("runner", f"an event was refused: {error.detail}"))
