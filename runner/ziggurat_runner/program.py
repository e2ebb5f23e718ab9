"""The training program: started in a session of its own, found again by the next runner, stopped whole."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from .failures import Failure
from .files import now, read_json, write_json
from .identity import identity_of, is_alive

_OWN = ("ZIGGURAT_JOB_URL", "ZIGGURAT_JOB_TOKEN")


class Program:
    """A started training program. `exit_code` is None for one that was adopted, since only a parent is told."""

    def __init__(self, state: dict[str, Any], process: subprocess.Popen[bytes] | None) -> None:
        self._identity = state["process"]
        self._process = process
        self.started_at: float = state["startedAtSeconds"]

    @staticmethod
    def start(command: list[str], run: Path, environment: dict[str, str]) -> Program:
        """Raises `Failure` of class `environment` when the program cannot be started at all."""
        kept = {name: value for name, value in os.environ.items() if name not in _OWN}
        try:
            with (run / "stdout.log").open("ab") as out, (run / "stderr.log").open("ab") as err:
                process = subprocess.Popen(
                    command,
                    cwd=run / "work",
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=err,
                    env={**kept, **environment, "PYTHONUNBUFFERED": "1"},
                    start_new_session=True,
                )
        except OSError as error:
            raise Failure("environment", f"{command[0]} cannot be started: {error}") from error
        state = {
            "process": identity_of(process.pid) or {"pid": process.pid, "startTime": "gone", "bootId": "gone"},
            "startedAt": now(),
            "startedAtSeconds": time.time(),
        }
        write_json(run / "trainer.json", state)
        return Program(state, process)

    @staticmethod
    def adopt(run: Path) -> Program | None:
        """The program that an earlier runner of this folder started, alive or not."""
        state = read_json(run / "trainer.json")
        return None if state is None else Program(state, None)

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None if self._process else is_alive(self._identity)

    @property
    def exit_code(self) -> int | None:
        return self._process.poll() if self._process else None

    def stop(self, grace_seconds: float, seconds: float = 0.05) -> None:
        """SIGTERM to the whole group, SIGKILL after the grace time; returns when the program is gone."""
        self._signal(signal.SIGTERM)
        deadline = time.monotonic() + grace_seconds
        while self.is_running and time.monotonic() < deadline:
            time.sleep(seconds)
        while self.is_running:
            self._signal(signal.SIGKILL)
            time.sleep(seconds)

    def sweep(self) -> None:
        """Ends children that outlived the program; they would hold memory and devices for ever."""
        if self._process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _signal(self, number: int) -> None:
        if self.is_running:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._identity["pid"], number)
