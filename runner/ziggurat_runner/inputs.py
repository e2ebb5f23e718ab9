"""Brings input files to the node: once each, resumed where they broke off, and never used before their digest holds."""

from __future__ import annotations

import http.client
import os
import shutil
import threading
from pathlib import Path
from typing import Any

from .client import Away, Client, Refused, persist
from .failures import Failure
from .files import Lock, sha256_of

_CHUNK = 1024 * 1024


def lay_inputs(
    client: Client, inputs: list[dict[str, Any]], work: Path, cache: Path, stopped: threading.Event, patience: float
) -> None:
    """Every input lies below `work` afterwards. Raises `Failure` of class `input_unavailable` or `digest_mismatch`."""
    for entry in inputs:
        target = work / checked_path(entry["path"])
        target.parent.mkdir(parents=True, exist_ok=True)
        stored = _fetch(client, entry["sha256"], entry["sizeBytes"], cache, stopped, patience)
        _link(stored, target)


def checked_path(path: str) -> Path:
    """A relative path without escapes, whatever the control plane said."""
    parts = path.split("/")
    if not path or "\\" in path or "\0" in path or any(part in ("", ".", "..") for part in parts):
        raise Failure("bad_spec", f"not a path inside the run: {path!r}")
    return Path(*parts)


def prune(cache: Path, most_bytes: int) -> None:
    """Drops the files used longest ago until the cache fits. Runs that linked a file keep their own name for it."""
    stored = [(path, path.stat()) for path in (cache / "sha256").glob("*/*")]
    total = sum(stat.st_size for _, stat in stored)
    for path, stat in sorted(stored, key=lambda entry: entry[1].st_mtime):
        if total <= most_bytes:
            return
        path.unlink(missing_ok=True)
        total -= stat.st_size


def _fetch(client: Client, sha256: str, size: int, cache: Path, stopped: threading.Event, patience: float) -> Path:
    stored = cache / "sha256" / sha256[:2] / sha256
    partial = cache / "partial" / sha256
    stored.parent.mkdir(parents=True, exist_ok=True)
    partial.parent.mkdir(parents=True, exist_ok=True)
    # Two runs on one node that need the same file wait for one download.
    with Lock(cache / "locks" / sha256):
        if stored.exists():
            if stored.stat().st_size == size and sha256_of(stored) == sha256:
                os.utime(stored)
                return stored
            stored.unlink()
        for is_last in (False, True):
            resumed = partial.exists()
            try:
                persist(lambda: _download(client, sha256, size, partial), stopped, patience)
            except Away as error:
                raise Failure("input_unavailable", f"{sha256}: {error}") from error
            except Refused as error:
                raise Failure("input_unavailable", f"{sha256}: {error}") from error
            found = sha256_of(partial)
            if found == sha256:
                partial.chmod(0o444)
                partial.replace(stored)
                return stored
            partial.unlink()
            # A part left by an earlier run may be what is broken; whole and fresh bytes are judged at once.
            if is_last or not resumed:
                raise Failure("digest_mismatch", f"an input of {size} bytes should be {sha256} and is {found}")
    raise AssertionError("unreachable")


def _download(client: Client, sha256: str, size: int, partial: Path) -> None:
    offset = partial.stat().st_size if partial.exists() else 0
    if offset > size:
        partial.unlink()
        offset = 0
    if offset == size and partial.exists():
        return
    with client.download(sha256, offset) as response, partial.open("r+b" if offset else "wb") as file:
        if response.status != 206:
            offset = 0
            file.truncate(0)
        file.seek(offset)
        try:
            while chunk := response.read(_CHUNK):
                file.write(chunk)
                offset += len(chunk)
                if offset > size:
                    break
        except (OSError, http.client.HTTPException) as error:
            if getattr(error, "errno", None) == 28:
                raise
            raise Away(f"broke off at byte {offset}") from error
    if offset < size:
        raise Away(f"broke off at byte {offset} of {size}")


def _link(stored: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    try:
        os.link(stored, target)
    except OSError:
        shutil.copyfile(stored, target)
