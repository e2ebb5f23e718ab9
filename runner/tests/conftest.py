"""A run with a training program of a few lines, started the way an engine starts it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from control_plane import TOKEN, ControlPlane

RUNNER = Path(__file__).parents[1]

# What every stub program can use: events, the result, and a file the test writes to let it go on.
PRELUDE = """
import hashlib, json, os, pathlib, signal, sys, time
spec = json.loads(pathlib.Path(sys.argv[1]).read_text())
out = pathlib.Path(sys.argv[2])
out.mkdir(parents=True, exist_ok=True)
seq = 0
def event(**fields):
    global seq
    seq += 1
    line = json.dumps({"seq": seq, "at": "2026-01-01T00:00:00Z", **fields})
    with open(out / "events.jsonl", "a") as file: file.write(line + "\\n")
def metric(step, value, key="loss"): event(type="metric", key=key, step=step, value=value)
def wait_for(name):
    while not (out.parent / name).exists(): time.sleep(0.01)
def result(files, sizes=None):
    listed = []
    for name, data in files.items():
        path = out / name; path.parent.mkdir(parents=True, exist_ok=True); path.write_bytes(data)
        listed.append({"path": name, "sha256": hashlib.sha256(data).hexdigest(), "sizeBytes": len(data)})
    (out / "result.json").write_text(json.dumps({"schema": "ziggurat.result/1", "files": listed}))
"""


class RunUnderTest:
    def __init__(self, plane: ControlPlane, folder: Path) -> None:
        self.plane = plane
        self.folder = folder / "run"
        self.cache = folder / "cache"
        self.program = folder / "program.py"
        self.checkpoints = folder / "checkpoints"
        self._process: subprocess.Popen[bytes] | None = None
        plane.spec = {
            "schema": "ziggurat.run/1",
            "trainer": {
                "attempt": {"key": "zig-1-1", "restart": 0},
                "checkpointDir": "checkpoints",
                "graceSeconds": 2,
                "threads": 1,
            },
            "inputs": [],
            "command": ["{python}", str(self.program), "{spec}", "{out}"],
            "limits": {"seconds": 60, "heartbeatSeconds": 1},
        }

    def writes(self, body: str) -> RunUnderTest:
        self.program.write_text(PRELUDE + textwrap.dedent(body))
        return self

    def reads(self, path: str, data: bytes, served: bytes | None = None) -> RunUnderTest:
        sha256 = hashlib.sha256(data).hexdigest()
        self.plane.spec["inputs"].append({"path": path, "sha256": sha256, "sizeBytes": len(data)})
        self.plane.inputs[sha256] = data if served is None else served
        return self

    def start(self, token: str = TOKEN, patience: float = 20) -> RunUnderTest:
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-I", str(RUNNER), "--dir", str(self.folder), "--cache", str(self.cache)),
                *("--checkpoints", str(self.checkpoints), "--patience", str(patience), "--interval", "0.05"),
            ],
            env={"PATH": os.environ["PATH"], "ZIGGURAT_JOB_URL": self.plane.url, "ZIGGURAT_JOB_TOKEN": token},
            start_new_session=True,
        )
        return self

    def ends(self, seconds: float = 30) -> dict[str, Any]:
        """Waits for the end and returns the final word."""
        assert self._process is not None
        code = self._process.wait(timeout=seconds)
        final = json.loads((self.folder / "exit.json").read_text())
        assert final["code"] == code
        return final

    def kill(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def terminate(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)

    def lets(self, name: str) -> None:
        (self.folder / name).touch()

    def trainer_pid(self) -> int:
        return json.loads((self.folder / "trainer.json").read_text())["process"]["pid"]

    def clean_up(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()
        if (self.folder / "trainer.json").exists():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.trainer_pid(), signal.SIGKILL)


@pytest.fixture
def plane() -> Iterator[ControlPlane]:
    with ControlPlane() as control_plane:
        yield control_plane


@pytest.fixture
def run(plane: ControlPlane, tmp_path: Path) -> Iterator[RunUnderTest]:
    under_test = RunUnderTest(plane, tmp_path)
    yield under_test
    under_test.clean_up()


def until(holds: Callable[[], Any], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.01)
