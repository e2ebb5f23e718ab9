"""Every way a run can fail, with the exit code that names it: the trainer's copy of the contract's table."""

from __future__ import annotations

EXIT_CODES = {
    "code_error": 1,
    "bad_spec": 10,
    "bad_data": 11,
    "bad_base": 12,
    "out_of_memory": 13,
    "diverged": 14,
    "storage": 15,
    "environment": 16,
    "cancelled": 17,
    "preempted": 18,
    "input_unavailable": 20,
    "digest_mismatch": 21,
    "no_result": 22,
    "time_limit": 23,
    "guard": 25,
    "lost": 24,
}


class Failure(Exception):  # noqa: N818 - the contract's word
    """A failure whose class is known; it becomes the last event and the exit code."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.exit_code = EXIT_CODES[kind]
