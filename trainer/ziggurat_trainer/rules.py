"""Rules that single fields of a spec obey, and the error that names every field which does not."""

from __future__ import annotations

import dataclasses
import math
import re
from dataclasses import MISSING, field
from typing import Any

from .failures import Failure

_SAFE_INTEGER = 2**53 - 1


class SpecError(Failure):
    """Everything that is wrong with a spec, at once, each problem with the path of its field."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("bad_spec", "; ".join(problems))
        self.problems = problems


# Rules: each returns what is wrong with a value, or None.


def whole(low: int, high: int = _SAFE_INTEGER, multiple: int = 1):
    def problem(value: Any) -> str | None:
        if isinstance(value, bool) or not isinstance(value, int):
            return f"expected a whole number, got {value!r}"
        if not low <= value <= high:
            return f"must be from {low} to {high}, got {value}"
        return f"must be a multiple of {multiple}, got {value}" if value % multiple else None

    return problem


def number(high: float, *, above: float | None = None, low: float | None = None):
    def problem(value: Any) -> str | None:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return f"expected a number, got {value!r}"
        if above is not None and not above < value <= high:
            return f"must be above {above} and at most {high}, got {value}"
        return f"must be from {low} to {high}, got {value}" if low is not None and not low <= value <= high else None

    return problem


def one_of(*allowed: str):
    return lambda value: (
        None if isinstance(value, str) and value in allowed else f"must be one of {', '.join(allowed)}, got {value!r}"
    )


def flag(value: Any) -> str | None:
    return None if isinstance(value, bool) else f"expected true or false, got {value!r}"


def pattern(expression: str, meaning: str, longest: int):
    compiled = re.compile(expression, re.ASCII)

    def problem(value: Any) -> str | None:
        fits = isinstance(value, str) and len(value) <= longest and compiled.fullmatch(value)
        return None if fits else f"expected {meaning}, got {value!r}"

    return problem


def is_file_path(value: Any) -> bool:
    """A relative, normalised path that cannot escape: the contract's `FilePath`."""
    if not isinstance(value, str) or "\\" in value or "\0" in value:
        return False
    fits = 1 <= len(value.encode("utf-16-le", "surrogatepass")) // 2 <= 512
    return fits and all(part not in ("", ".", "..") for part in value.split("/"))


def path_rule(value: Any) -> str | None:
    return None if is_file_path(value) else f"expected a relative path without . or .. parts, got {value!r}"


def optional(rule):
    return lambda value: None if value is None else rule(value)


version_ref = pattern(r"[a-z0-9]+(-[a-z0-9]+)*/[a-z0-9]+(-[a-z0-9]+)*@[1-9][0-9]{0,8}", "namespace/slug@number", 140)


def ruled(check, default: Any = MISSING, **more: Any):
    metadata = {"check": check, **more}
    return field(metadata=metadata) if default is MISSING else field(default=default, metadata=metadata)


def check_all(instance: Any) -> None:
    problems = [
        f"{camel(each.name)}: {problem}"
        for each in dataclasses.fields(instance)
        if "check" in each.metadata and (problem := each.metadata["check"](getattr(instance, each.name)))
    ]
    if problems:
        raise SpecError(problems)


def camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)
