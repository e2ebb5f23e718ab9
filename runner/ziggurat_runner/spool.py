"""Every event on disk before it is sent: numbered once, kept until the end, readable by the next runner.

A line also says how far into each source it reaches, so a runner that was killed neither repeats nor skips a line.
"""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

_BATCH_BYTES = 512 * 1024


class Spool:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self.offsets: dict[str, int] = {}
        self.last_seq = 0
        self.acknowledged = 0
        self._read_at = 0
        self._read_seq = 0
        self._recover()
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def append(self, entries: list[tuple[dict[str, Any], dict[str, int]]]) -> None:
        """Numbers and stores events, each with the source offsets it reaches; durable on return."""
        if not entries:
            return
        with self._lock:
            lines = []
            for event, offsets in entries:
                self.last_seq += 1
                self.offsets.update(offsets)
                lines.append(
                    json.dumps({"event": {"seq": self.last_seq, **event}, "offsets": offsets}, allow_nan=False)
                )
            data = ("\n".join(lines) + "\n").encode()
            while data:
                data = data[os.write(self._file, data) :]
            os.fsync(self._file)

    def next_batch(self, most: int) -> list[dict[str, Any]]:
        """Events after the last acknowledged one, oldest first. The same until they are acknowledged."""
        with self._lock:
            last = self.last_seq
            if self._read_seq != self.acknowledged:
                self._seek()
            if self.acknowledged >= last:
                return []
            batch: list[dict[str, Any]] = []
            with self._path.open("rb") as file:
                file.seek(self._read_at)
                size = 0
                for line in file:
                    size += len(line)
                    if not line.endswith(b"\n") or len(batch) >= most or (batch and size > _BATCH_BYTES):
                        break
                    batch.append(json.loads(line)["event"])
            return batch

    def acknowledge(self, seq: int) -> None:
        with self._lock:
            self.acknowledged = min(seq, self.last_seq)

    @property
    def is_drained(self) -> bool:
        with self._lock:
            return self.acknowledged >= self.last_seq

    def replace(self, seq: int, event: dict[str, Any]) -> None:
        """Puts another event in the place of one that is always refused, so that those behind it can pass."""
        with self._lock:
            lines = self._path.read_bytes().splitlines(keepends=True)
            stored = json.loads(lines[seq - 1])
            stored["event"] = {"seq": seq, **event}
            lines[seq - 1] = (json.dumps(stored, allow_nan=False) + "\n").encode()
            aside = self._path.with_name(self._path.name + ".tmp")
            with aside.open("wb") as file:
                file.writelines(lines)
                file.flush()
                os.fsync(file.fileno())
            os.close(self._file)
            aside.replace(self._path)
            self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND, 0o600)
            self._read_at = self._read_seq = 0

    def _seek(self) -> None:
        """Moves the reading place behind the last acknowledged event, from where it is or from the start."""
        if self.acknowledged < self._read_seq:
            self._read_at = self._read_seq = 0
        with self._path.open("rb") as file:
            file.seek(self._read_at)
            while self._read_seq < self.acknowledged and (line := file.readline()):
                self._read_at += len(line)
                self._read_seq += 1

    def _recover(self) -> None:
        """Reads what an earlier runner left and cuts off a line it did not finish."""
        if not self._path.exists():
            return
        content = self._path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.truncate(self._path, whole)
        for line in content[:whole].splitlines():
            stored = json.loads(line)
            self.last_seq = stored["event"]["seq"]
            self.offsets.update(stored["offsets"])
