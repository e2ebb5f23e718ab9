"""Every way a run can fail, with its one exit code: the runner's copy of the contract's table."""

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


class Failure(Exception):
    """The run ends here; `kind` names its class."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


def failure_of_exit_code(code: int) -> str:
    """Class of a program's exit code; negative codes are signals. A killed program most often ran out of memory."""
    if code in (-9, 137):
        return "out_of_memory"
    if code in (-15, 143):
        return "preempted"
    return next((kind for kind, known in EXIT_CODES.items() if known == code), "code_error")
