"""Reads the lines a growing file gained, and contains what is not a line."""

from __future__ import annotations

from pathlib import Path

from .events import LONGEST_LINE

_BLOCK = 256 * 1024


class Tail:
    """Whole lines from an offset on. A line longer than the limit is cut and its rest is skipped, wherever it ends."""

    def __init__(self, path: Path, offset: int, longest: int = LONGEST_LINE) -> None:
        self._path = path
        self._offset = offset
        self._longest = longest
        self._line = bytearray()
        self._cut = 0

    def read(self, is_ended: bool = False) -> list[tuple[bytes, int]]:
        """New lines with the offset behind each. With `is_ended` the unfinished last line counts too."""
        lines: list[tuple[bytes, int]] = []
        try:
            with self._path.open("rb") as file:
                # An unfinished line was read before but never handed out: the offset behind it is only in memory.
                file.seek(self._offset)
                while block := file.read(_BLOCK):
                    self._take(block, lines)
                    if len(lines) >= 5000:
                        return lines
        except FileNotFoundError:
            return lines
        if is_ended and (self._line or self._cut):
            lines.append((self._finish(), self._offset))
        return lines

    def _take(self, block: bytes, lines: list[tuple[bytes, int]]) -> None:
        start = 0
        while (end := block.find(b"\n", start)) != -1:
            self._add(block[start:end])
            self._offset += end + 1 - start
            lines.append((self._finish(), self._offset))
            start = end + 1
        self._add(block[start:])
        self._offset += len(block) - start

    def _add(self, part: bytes) -> None:
        room = self._longest - len(self._line)
        self._line += part[:room]
        self._cut += max(0, len(part) - room)

    def _finish(self) -> bytes:
        line = bytes(self._line) + (f" … {self._cut} bytes cut".encode() if self._cut else b"")
        self._line.clear()
        self._cut = 0
        return line


def shown(line: bytes) -> str:
    """A log line as text: the last drawing of a progress bar that redraws itself, and no byte that is not text."""
    return line.rstrip(b"\r\n").rsplit(b"\r", 1)[-1].decode("utf-8", "replace")
