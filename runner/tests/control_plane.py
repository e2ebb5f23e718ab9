"""A control plane in a few lines: the five calls, with the faults a test asks for."""

from __future__ import annotations

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "token-of-this-attempt"


class ControlPlane:
    """Use as a context manager. `port` stays the same over `go_away` and `come_back`."""

    def __init__(self) -> None:
        self.spec: dict[str, Any] = {}
        self.inputs: dict[str, bytes] = {}
        self.events: list[dict[str, Any]] = []
        self.batches: list[int] = []
        self.uploads: dict[str, bytearray] = {}
        self.sizes: dict[str, int] = {}
        self.manifests: list[dict[str, Any]] = []
        self.ranges: list[str | None] = []
        self.command: str | None = None
        self.fail_next: dict[str, int] = {}
        """How many of the next calls of a kind are answered with 503."""
        self.lose_answer: dict[str, int] = {}
        """How many of the next calls of a kind take effect without an answer."""
        self.truncate_next = 0
        """How many of the next downloads break off half way."""
        self.refuse_metric: str | None = None
        self.lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None
        self.port = 0

    def __enter__(self) -> ControlPlane:
        self.come_back()
        return self

    def __exit__(self, *_: object) -> None:
        self.go_away()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/v1/runs/att_1"

    def come_back(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def go_away(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        with self.lock:
            return [event for event in self.events if event["type"] == kind]

    def lines(self, stream: str) -> list[str]:
        return [event["line"] for event in self.of_type("log") if event["stream"] == stream]

    def uploaded(self, data: bytes) -> bool:
        return bytes(self.uploads.get(hashlib.sha256(data).hexdigest(), b"-")) == data


def _handler(plane: ControlPlane) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None: ...

        def do_GET(self) -> None:
            if self._stands_aside("spec" if self.path.endswith("/spec") else "blob"):
                return
            if self.path.endswith("/spec"):
                self._answer(200, plane.spec)
                return
            data = plane.inputs.get(self.path.rsplit("/", 1)[1])
            if data is None:
                self._answer(404, {"code": "hidden", "detail": "nothing here"})
                return
            wanted = self.headers.get("Range")
            plane.ranges.append(wanted)
            offset = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
            part = data[offset:]
            self.send_response(206 if wanted else 200)
            self.send_header("Content-Length", str(len(part)))
            self.end_headers()
            if plane.truncate_next > 0:
                plane.truncate_next -= 1
                self.wfile.write(part[: len(part) // 2])
                self.close_connection = True
                return
            self.wfile.write(part)

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            kind = "events" if self.path.endswith("/events") else "manifest"
            if self._stands_aside(kind):
                return
            with plane.lock:
                answer = self._events(body["events"]) if kind == "events" else self._manifest(body)
            if plane.lose_answer.get(kind, 0) > 0:
                plane.lose_answer[kind] -= 1
                self.close_connection = True
                return
            self._answer(*answer)

        def do_HEAD(self) -> None:
            if self._stands_aside("head"):
                return
            sha256 = self.path.rsplit("/", 1)[1]
            if sha256 not in plane.uploads:
                self._answer(404)
                return
            have = len(plane.uploads[sha256])
            complete = "?1" if have == plane.sizes[sha256] else "?0"
            self._answer(200, headers={"Upload-Offset": str(have), "Upload-Complete": complete})

        def do_PUT(self) -> None:
            data = self.rfile.read(int(self.headers["Content-Length"]))
            if self._stands_aside("put"):
                return
            sha256 = self.path.rsplit("/", 1)[1]
            held = plane.uploads.setdefault(sha256, bytearray())
            span, total = (self.headers.get("Content-Range") or "bytes 0--1/0").removeprefix("bytes ").split("/")
            plane.sizes[sha256] = int(total)
            if int(span.split("-")[0]) != len(held):
                self._answer(416, {"code": "range_mismatch", "detail": "out of step"})
                return
            held += data
            if plane.lose_answer.get("put", 0) > 0:
                plane.lose_answer["put"] -= 1
                self.close_connection = True
                return
            self._answer(200, {})

        def _events(self, events: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
            last = plane.events[-1]["seq"] if plane.events else 0
            if any(event.get("key") == plane.refuse_metric for event in events if event["type"] == "metric"):
                return 400, {"code": "invalid", "detail": "no such metric"}
            if events and events[0]["seq"] > last + 1:
                return 409, {"code": "conflict", "detail": "gap"}
            plane.batches.append(len(events))
            plane.events += [event for event in events if event["seq"] > last]
            return 200, {
                "acknowledged": plane.events[-1]["seq"] if plane.events else 0,
                "command": plane.command,
            }

        def _manifest(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
            missing = [file["path"] for file in body["files"] if file["sha256"] not in plane.uploads]
            if missing:
                return 422, {"code": "rule", "detail": f"missing {missing}"}
            plane.manifests.append(body)
            return 200, {"version": "a/b@1", "rootDigest": None}

        def _stands_aside(self, kind: str) -> bool:
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                self._answer(401, {"code": "unauthenticated", "detail": "no"})
                return True
            if plane.fail_next.get(kind, 0) > 0:
                plane.fail_next[kind] -= 1
                self._answer(503, {"code": "unavailable", "detail": "later"})
                return True
            return False

        def _answer(self, status: int, body: Any = None, headers: dict[str, str] | None = None) -> None:
            data = b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    return Handler
