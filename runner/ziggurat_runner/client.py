"""The five calls of the control plane, and the two ways they fail: away for now, or refused for good."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
_TRANSIENT = {408, 425, 429, 500, 502, 503, 504}
_TIMEOUT = 60


class Away(Exception):
    """No usable answer; the same call may work later."""


class Refused(Exception):
    """An answer that another try will not change."""

    def __init__(self, status: int, code: str, detail: str, headers: dict[str, str]) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the token to wherever it points."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Client:
    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._opener = urllib.request.build_opener(_NoRedirect)

    def spec(self) -> dict[str, Any]:
        return self._json("GET", "/spec")

    def events(self, events: list[dict[str, Any]]) -> dict[str, Any]:
        return self._json("POST", "/events", {"events": events})

    def manifest(self, manifest: dict[str, Any]) -> dict[str, Any]:
        return self._json("POST", "/manifest", manifest)

    def download(self, sha256: str, offset: int) -> http.client.HTTPResponse:
        """The bytes of an input from `offset` on; a 200 in place of a 206 starts at 0."""
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        return self.request("GET", f"/blobs/{sha256}", headers=headers)

    def uploaded(self, sha256: str) -> tuple[int, bool]:
        """How many bytes of an output file have arrived, and whether that is all of them."""
        try:
            with self.request("HEAD", f"/blobs/{sha256}") as response:
                headers = response.headers
        except Refused as error:
            if error.status == 404:
                return 0, False
            raise
        return int(headers.get("Upload-Offset") or headers.get("Content-Length") or 0), headers.get(
            "Upload-Complete", "?1"
        ) == "?1"

    def upload(self, sha256: str, start: int, part: bytes, total: int) -> None:
        """One part; an empty file is one part without a range."""
        headers = {"Content-Type": "application/octet-stream"}
        if total:
            headers["Content-Range"] = f"bytes {start}-{start + len(part) - 1}/{total}"
        self.request("PUT", f"/blobs/{sha256}", body=part, headers=headers).close()

    def request(
        self, method: str, path: str, *, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> http.client.HTTPResponse:
        request = urllib.request.Request(
            self._url + path,
            data=body,
            method=method,
            headers={"Authorization": f"Bearer {self._token}", "Accept": "application/json", **(headers or {})},
        )
        try:
            return self._opener.open(request, timeout=_TIMEOUT)
        except urllib.error.HTTPError as error:
            with error:
                detail = error.read(65536)
            if error.code in _TRANSIENT:
                raise Away(f"{method} {path}: {error.code}") from error
            raise _refusal(error, detail) from error
        except (OSError, http.client.HTTPException) as error:
            raise Away(f"{method} {path}: {error}") from error

    def _json(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body, allow_nan=False).encode()
        headers = {} if data is None else {"Content-Type": "application/json"}
        try:
            with self.request(method, path, body=data, headers=headers) as response:
                answer = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Away(f"{method} {path}: {error}") from error
        if not isinstance(answer, dict):
            raise Away(f"{method} {path}: not an object")
        return answer


class Backoff:
    """Waits longer after each failure, never in step with others."""

    def __init__(self, first: float = 0.5, longest: float = 15.0) -> None:
        self._first, self._longest = first, longest
        self._next = first

    def reset(self) -> None:
        self._next = self._first

    def seconds(self) -> float:
        wait = self._next * random.uniform(0.5, 1.0)
        self._next = min(self._longest, self._next * 2)
        return wait


def persist(call: Callable[[], T], stopped: threading.Event, patience: float) -> T:
    """Repeats `call` while the control plane is away; raises `Away` after `patience` seconds or on a stop."""
    backoff, deadline = Backoff(), time.monotonic() + patience
    while True:
        try:
            return call()
        except Away:
            wait = backoff.seconds()
            if stopped.is_set() or time.monotonic() + wait > deadline:
                raise
            stopped.wait(wait)


def _refusal(error: urllib.error.HTTPError, body: bytes) -> Refused:
    try:
        problem = json.loads(body)
    except ValueError:
        problem = {}
    if not isinstance(problem, dict):
        problem = {}
    return Refused(
        error.code, str(problem.get("code", "")), str(problem.get("detail", error.reason)), dict(error.headers)
    )
