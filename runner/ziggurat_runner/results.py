"""Brings the result home: every file by digest, resumable, then one manifest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .client import Away, Client, Refused, persist
from .failures import Failure
from .files import sha256_of
from .inputs import checked_path
from .stop import Stop

_PART = 8 * 1024 * 1024


def read_result(out: Path) -> dict[str, Any]:
    """The final marker, with every file it names checked on disk. Raises `Failure`."""
    path = out / "result.json"
    if not path.exists():
        raise Failure("no_result", "the program ended well but left no result.json")
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
        files = [(str(file["path"]), str(file["sha256"]), int(file["sizeBytes"])) for file in result["files"]]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise Failure("no_result", f"result.json cannot be read: {error}") from error
    for name, sha256, size in files:
        file = out / checked_path(name)
        if not file.is_file():
            raise Failure("no_result", f"result.json names {name}, which is not there")
        if file.stat().st_size != size or sha256_of(file) != sha256:
            raise Failure("digest_mismatch", f"{name} is not what result.json says")
    return result


def upload(client: Client, out: Path, result: dict[str, Any], stop: Stop, patience: float) -> None:
    """Uploads each file from where the last try broke off."""
    done: set[str] = set()
    for file in result["files"]:
        if file["sha256"] in done:
            continue
        try:
            _upload_one(client, out / checked_path(file["path"]), file["sha256"], file["sizeBytes"], stop, patience)
        except Refused as error:
            kind = "digest_mismatch" if error.code == "digest_mismatch" else "storage"
            raise Failure(kind, f"{file['path']}: {error}") from error
        done.add(file["sha256"])


def seal(client: Client, result: dict[str, Any], stop: Stop, patience: float) -> dict[str, Any]:
    """Posts the manifest until it is acknowledged; a lost acknowledgement is asked for again."""
    manifest = {"schema": "ziggurat.manifest/1", "files": result["files"], "result": result}
    try:
        return persist(lambda: client.manifest(manifest), stop.requested, patience)
    except Refused as error:
        raise Failure("no_result", f"the result was refused: {error}") from error


def _upload_one(client: Client, path: Path, sha256: str, size: int, stop: Stop, patience: float) -> None:
    def step() -> bool:
        """Sends one part from where the other side stands; true when all is there."""
        offset, is_complete = client.uploaded(sha256)
        if is_complete:
            return True
        with path.open("rb") as file:
            file.seek(offset)
            part = file.read(_PART)
        try:
            client.upload(sha256, offset, part, size)
        except Refused as error:
            # Someone else's part came first, or our last one arrived although its answer did not.
            if error.status != 416:
                raise
        return False

    while not persist(step, stop.requested, patience):
        if stop.requested.is_set():
            raise Away("stopped while uploading")
