"""What a run tells the world: events as JSON lines, a line for people, and the result as the final marker.

Imports nothing but the standard library, so that a run can say that torch is missing.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import sys
import threading
import time
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .failures import EXIT_CODES
from .rules import is_file_path

STATES = ("starting", "running", "uploading", "finished")
STREAMS = ("stdout", "stderr", "runner")
LONGEST_LINE = 8192
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TIMESTAMP = re.compile(r"(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?Z", re.ASCII)
_PROGRESS_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True)
class State:
    """The run entered a phase."""

    type: str = field(default="state", init=False)
    state: str
    """starting, running, uploading or finished."""

    def __post_init__(self) -> None:
        _need("state", self.state in STATES)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far the run is."""

    type: str = field(default="progress", init=False)
    step: int
    """Steps done."""
    steps: int
    """Steps in all."""
    tokens_per_second: float | None = field(metadata={"json": "tokensPerSecond"})
    """Throughput since the last report."""
    eta_seconds: float | None = field(metadata={"json": "etaSeconds"})
    """Expected seconds to the last step."""

    def __post_init__(self) -> None:
        _need("step", _is_whole(self.step))
        _need("steps", _is_whole(self.steps))
        _need("tokensPerSecond", self.tokens_per_second is None or _is_number(self.tokens_per_second, 0))
        _need("etaSeconds", self.eta_seconds is None or _is_number(self.eta_seconds, 0))


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One value of one curve."""

    type: str = field(default="metric", init=False)
    key: str
    """Name of the curve."""
    step: int
    """Where on it."""
    value: float | str
    """A number, or NaN, Infinity and -Infinity as words."""

    def __post_init__(self) -> None:
        _need("key", isinstance(self.key, str) and 1 <= len(self.key) <= 100)
        _need("step", _is_whole(self.step))
        _need("value", _is_number(self.value) or self.value in ("NaN", "Infinity", "-Infinity"))


@dataclass(frozen=True, kw_only=True)
class Log:
    """A line for people."""

    type: str = field(default="log", init=False)
    stream: str
    """Where it was printed."""
    line: str
    """The text, at most 8192 characters."""

    def __post_init__(self) -> None:
        _need("stream", self.stream in STREAMS)
        _need("line", isinstance(self.line, str) and len(self.line) <= LONGEST_LINE)


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A complete checkpoint lies in the checkpoint folder."""

    type: str = field(default="checkpoint", init=False)
    step: int
    """Steps done when it was written."""
    files: tuple[dict, ...]
    """{path, sha256, sizeBytes} of each file, below the checkpoint folder."""

    def __post_init__(self) -> None:
        _need("step", _is_whole(self.step))
        _need("files", isinstance(self.files, list | tuple) and all(_is_file(each) for each in self.files))


@dataclass(frozen=True, kw_only=True)
class Failed:
    """The last event of a run that failed."""

    type: str = field(default="failure", init=False)
    kind: str = field(metadata={"json": "class"})
    """Class of the failure."""
    detail: str
    """What went wrong, for people, at most 8192 characters."""

    def __post_init__(self) -> None:
        _need("class", self.kind in EXIT_CODES)
        _need("detail", isinstance(self.detail, str) and len(self.detail) <= LONGEST_LINE)


Event = State | Progress | Metric | Log | Checkpoint | Failed
_EVENTS: dict[str, type] = {
    cls.__dataclass_fields__["type"].default: cls for cls in (State, Progress, Metric, Log, Checkpoint, Failed)
}


def parse_event(raw: Any) -> Event:
    """Checks one parsed line of `events.jsonl`; raises `ValueError`."""
    _need("event", isinstance(raw, dict) and isinstance(raw.get("type"), str) and raw["type"] in _EVENTS)
    cls = _EVENTS[raw["type"]]
    own = {each.metadata.get("json", each.name): each.name for each in fields(cls)}
    _need("fields", set(raw) == {"seq", "at", *own})
    _need("seq", _is_whole(raw["seq"], 1))
    _need("at", isinstance(raw["at"], str) and _is_timestamp(raw["at"]))
    return cls(**{name: raw[key] for key, name in own.items() if key != "type"})


class Report:
    """The one writer of `events.jsonl`. A run that continues an earlier one continues its numbers."""

    def __init__(self, out: Path) -> None:
        out.mkdir(parents=True, exist_ok=True)
        self.out = out
        path = out / "events.jsonl"
        self._seq = _repair(path)
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self._lock = threading.Lock()
        self._progress_at = 0.0

    def emit(self, event: Event) -> None:
        """Appends one whole line in one write."""
        body = {each.metadata.get("json", each.name): getattr(event, each.name) for each in fields(event)}
        with self._lock:
            self._seq += 1
            line = json.dumps({"seq": self._seq, "at": _now(), **body}, allow_nan=False, separators=(",", ":"))
            _write_all(self._file, line.encode() + b"\n")

    def state(self, state: str) -> None:
        self.emit(State(state=state))

    def metrics(self, step: int, **values: float) -> None:
        for key, value in values.items():
            self.emit(Metric(key=key, step=step, value=spell(value)))

    def progress(
        self, step: int, steps: int, tokens_per_second: float | None, eta_seconds: float | None, note: str = ""
    ) -> None:
        """At most two a second, and always the last."""
        now = time.monotonic()
        if step < steps and now - self._progress_at < _PROGRESS_SECONDS:
            return
        self._progress_at = now
        self.emit(Progress(step=step, steps=steps, tokens_per_second=tokens_per_second, eta_seconds=eta_seconds))
        speed = f"  {tokens_per_second:,.0f} tokens/s" if tokens_per_second else ""
        left = f"  {eta_seconds:,.0f} s left" if eta_seconds else ""
        print(f"{step:>6}/{steps}{note}{speed}{left}", flush=True)

    def log(self, line: str) -> None:
        print(line, flush=True)
        self.emit(Log(stream="stdout", line=line[:LONGEST_LINE]))

    def failure(self, kind: str, detail: str) -> None:
        print(f"{kind}: {detail}", file=sys.stderr, flush=True)
        self.emit(Failed(kind=kind, detail=detail[:LONGEST_LINE]))


def write_result(
    out: Path,
    *,
    command: str,
    parameters: int,
    tokens: int,
    seconds: float,
    loss: float | None,
    evaluations: list[dict],
    environment: dict[str, str],
) -> None:
    """Hashes every produced file and writes `result.json` last, by rename: without it the run has no result."""
    files = [
        {"path": path.relative_to(out).as_posix(), **digest(path)}
        for folder in ("artifact", "evaluation")
        for path in sorted((out / folder).rglob("*"))
        if path.is_file()
    ]
    result = {
        "schema": "ziggurat.result/1",
        "command": command,
        "files": files,
        "parameters": parameters,
        "tokens": tokens,
        "seconds": round(seconds, 3),
        "tokensPerSecond": round(tokens / seconds, 3) if seconds > 0 else 0.0,
        "loss": None if loss is None else spell(loss),
        "evaluations": evaluations,
        "environment": environment,
    }
    write_durably(out / "result.json", json.dumps(result, indent=2, allow_nan=False).encode() + b"\n")


def digest(path: Path) -> dict[str, Any]:
    """sha256 and size of a file, as a manifest lists them."""
    with path.open("rb") as file:
        return {"sha256": hashlib.file_digest(file, "sha256").hexdigest(), "sizeBytes": path.stat().st_size}


def write_durably(path: Path, content: bytes) -> None:
    """Writes aside, forces to disk, renames: the file is there whole or not at all."""
    aside = path.with_name(path.name + ".tmp")
    with aside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Forces a rename inside the folder to disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def spell(value: float) -> float | str:
    """A number as JSON can carry it."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return float(value)


def _repair(path: Path) -> int:
    """Cuts off a line that a killed run left unfinished; returns the last number written."""
    if not path.exists():
        return 0
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        os.truncate(path, whole)
    lines = content[:whole].splitlines()
    return json.loads(lines[-1])["seq"] if lines else 0


def _write_all(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _need(name: str, holds: bool) -> None:
    if not holds:
        raise ValueError(f"{name}: not as the contract says")


def _is_whole(value: Any, low: int = 0) -> bool:
    return _is_number(value, low) and float(value).is_integer()


def _is_number(value: Any, low: float = -math.inf) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= low


def _is_timestamp(value: str) -> bool:
    match = _TIMESTAMP.fullmatch(value)
    if not match:
        return False
    try:
        datetime(max(int(match[1]), 1) if int(match[1]) else 4, int(match[2]), int(match[3]))
    except ValueError:
        return False
    return True


def _is_file(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == {"path", "sha256", "sizeBytes"}
        and is_file_path(value["path"])
        and isinstance(value["sha256"], str)
        and _SHA256.fullmatch(value["sha256"]) is not None
        and _is_whole(value["sizeBytes"])
    )
