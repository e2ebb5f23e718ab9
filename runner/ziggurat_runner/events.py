"""Makes whatever a training program wrote fit the contract, so that one odd line never holds up a run."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from .files import now

LONGEST_LINE = 8192
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", re.ASCII)
_STATES = ("starting", "running", "uploading", "finished")
_SAFE = 2**53 - 1


def log_event(stream: str, line: str) -> dict[str, Any]:
    return {"at": now(), "type": "log", "stream": stream, "line": clean_text(line)}


def state_event(state: str) -> dict[str, Any]:
    return {"at": now(), "type": "state", "state": state}


def failure_event(kind: str, detail: str) -> dict[str, Any]:
    return {"at": now(), "type": "failure", "class": kind, "detail": clean_text(detail)}


def parse_event(line: bytes) -> dict[str, Any]:
    """The event of one line, without `seq`. What does not fit becomes a log line that says so."""
    try:
        raw = json.loads(line)
        if not isinstance(raw, dict):
            raise ValueError("not an object")
        at = raw.get("at")
        return {"at": at if isinstance(at, str) and _TIMESTAMP.fullmatch(at) else now(), **_fields(raw)}
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        shown = line[:200].decode("utf-8", "replace")
        return log_event("runner", f"ignored an event that does not fit the contract ({error}): {shown}")


def clean_text(text: str) -> str:
    """Text that every store can hold: no NUL, no half characters, at most `LONGEST_LINE` UTF-16 units."""
    cleaned = text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode("utf-8")
    if len(cleaned) * 2 <= LONGEST_LINE:
        return cleaned
    units = cleaned.encode("utf-16-le")
    return cleaned if len(units) <= LONGEST_LINE * 2 else units[: LONGEST_LINE * 2].decode("utf-16-le", "ignore")


def _fields(raw: dict[str, Any]) -> dict[str, Any]:
    kind = raw.get("type")
    match kind:
        case "state":
            if raw["state"] not in _STATES:
                raise ValueError("unknown state")
            return {"type": kind, "state": raw["state"]}
        case "progress":
            return {
                "type": kind,
                "step": _whole(raw["step"]),
                "steps": _whole(raw["steps"]),
                "tokensPerSecond": _positive(raw.get("tokensPerSecond")),
                "etaSeconds": _positive(raw.get("etaSeconds")),
            }
        case "metric":
            key = clean_text(str(raw["key"]))[:100]
            if not key:
                raise ValueError("empty key")
            return {"type": kind, "key": key, "step": _whole(raw["step"]), "value": _value(raw["value"])}
        case "log":
            stream = raw.get("stream")
            return {
                "type": kind,
                "stream": stream if stream in ("stdout", "stderr", "runner") else "stdout",
                "line": clean_text(str(raw["line"])),
            }
        case "checkpoint":
            files = [
                {"path": str(file["path"])[:512], "sha256": str(file["sha256"]), "sizeBytes": _whole(file["sizeBytes"])}
                for file in raw["files"]
            ]
            if any(not re.fullmatch(r"[0-9a-f]{64}", file["sha256"]) for file in files):
                raise ValueError("not a digest")
            return {"type": kind, "step": _whole(raw["step"]), "files": files}
        case "failure":
            return {"type": kind, "class": str(raw["class"]), "detail": clean_text(str(raw.get("detail", "")))}
    raise ValueError("unknown type")


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value) or not 0 <= value <= _SAFE:
        raise ValueError("not a whole number")
    return int(value)


def _positive(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        return None
    return value


def _value(value: Any) -> float | str:
    if value in ("NaN", "Infinity", "-Infinity"):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("not a number")
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value
