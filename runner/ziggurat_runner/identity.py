"""Which process it is. A bare pid may be reused, so its start time and the boot go with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any


def identity_of(pid: int) -> dict[str, Any] | None:
    """Identity of a live process; None when it is gone or a zombie."""
    return _from_proc(pid) if sys.platform == "linux" else _from_ps(pid)


def is_alive(identity: dict[str, Any]) -> bool:
    return identity_of(identity["pid"]) == identity


def _from_proc(pid: int) -> dict[str, Any] | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None
    # The command in parentheses may hold anything; state is field 3 and start time field 22.
    fields = stat[stat.rindex(")") + 2 :].split(" ")
    return None if fields[0] in ("Z", "X") else {"pid": pid, "startTime": fields[19], "bootId": boot}


def _from_ps(pid: int) -> dict[str, Any] | None:
    answer = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
    if not answer or answer.startswith("Z"):
        return None
    return {"pid": pid, "startTime": answer.split(" ", 1)[1].strip(), "bootId": "none"}
