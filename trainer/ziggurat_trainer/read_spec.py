"""Reads `spec.json` and notes everything that is wrong with it at once."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import MISSING
from pathlib import Path
from typing import Any

from .rules import SpecError, camel
from .spec import Architecture, Attempt, Base, Dataset, Evaluation, Lora, Spec, Start, Training

# Which parts the flat `hyperparameters` object of each method is split into.
_PARTS: dict[str, dict[str, type]] = {
    "pretrain": {"training": Training, "start": Start},
    "continued": {"training": Training},
    "full": {"training": Training},
    "lora": {"training": Training, "lora": Lora},
    "evaluate": {"evaluation": Evaluation},
    "merge": {},
}


def read_spec(path: Path, command: str | None = None) -> Spec:
    """Reads and checks a spec file; raises `SpecError` with every problem found."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
    except OSError as error:
        raise SpecError([f"spec: cannot be read: {error.strerror}"]) from error
    except (ValueError, RecursionError) as error:
        raise SpecError([f"spec: not JSON: {error}"]) from error
    spec = parse_spec(raw, path.resolve().parent)
    if command and spec.command != command:
        raise SpecError([f"command: the command line says {command}, the spec says {spec.command}"])
    return spec


def parse_spec(raw: Any, folder: Path = Path()) -> Spec:
    """Checks a parsed spec; raises `SpecError` with every problem found."""
    if not isinstance(raw, dict):
        raise SpecError(["spec: expected an object"])
    problems: list[str] = []
    raw = {key: _integral(value) for key, value in raw.items()}
    if raw.pop("schema", None) != "ziggurat.trainer/1":
        problems.append("schema: expected ziggurat.trainer/1")
    method = raw.get("method") if isinstance(raw.get("method"), str) else ""
    if "hyperparameters" not in raw:
        problems.append("hyperparameters: missing")
    built: dict[str, Any] = {
        "attempt": _build(Attempt, raw.pop("attempt", None), "attempt", problems),
        "base": _base(raw, method, problems),
        "datasets": _datasets(raw, method, problems),
        **_hyperparameters(raw.pop("hyperparameters", {}), method, problems),
    }
    hidden = {*built, "training", "start", "lora", "evaluation", "folder"}
    spec = _build(Spec, raw, "", problems, given={**built, "folder": folder}, hidden=hidden)
    if problems or spec is None:
        raise SpecError(problems)
    return spec


def _base(raw: dict, method: str, problems: list[str]) -> Base | None:
    if "base" not in raw:
        problems.append("base: missing")
        return None
    value = raw.pop("base")
    if method == "pretrain":
        if value is not None:
            problems.append("base: pretrain starts from nothing, expected null")
        return None
    return _build(Base, value, "base", problems)


def _datasets(raw: dict, method: str, problems: list[str]) -> tuple[Dataset, ...]:
    value = raw.pop("datasets", None)
    if not isinstance(value, list):
        problems.append("datasets: expected a list")
        return ()
    if (method == "merge") != (not value):
        problems.append("datasets: merge takes none" if method == "merge" else "datasets: at least one is needed")
    return tuple(_build(Dataset, each, f"datasets.{index}", problems) for index, each in enumerate(value))


def _hyperparameters(value: Any, method: str, problems: list[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        problems.append("hyperparameters: expected an object")
        return {}
    parts = _PARTS.get(method)
    if parts is None:
        return {}
    rest = dict(value)
    built: dict[str, Any] = {}
    for name, cls in parts.items():
        own = {camel(each.name) for each in dataclasses.fields(cls)}
        mine = {key: rest.pop(key) for key in list(rest) if key in own}
        given = {}
        if cls is Start:
            given["architecture"] = _build(
                Architecture, mine.pop("architecture", None), "hyperparameters.architecture", problems
            )
        if "targetModules" in mine and isinstance(mine["targetModules"], list):
            mine["targetModules"] = tuple(mine["targetModules"])
        built[name] = _build(cls, mine, "hyperparameters", problems, given=given, hidden=set(given))
    problems.extend(f"hyperparameters.{key}: unknown" for key in rest)
    return built


def _build(
    cls: type, raw: Any, path: str, problems: list[str], *, given: dict | None = None, hidden: set | None = None
) -> Any:
    """Makes one dataclass of one JSON object, noting every problem under its path."""
    prefix = f"{path}." if path else ""
    if not isinstance(raw, dict):
        problems.append(f"{path}: expected an object")
        return None
    fields = {camel(each.name): each for each in dataclasses.fields(cls) if each.name not in (hidden or set())}
    before = len(problems)
    problems.extend(f"{prefix}{key}: unknown" for key in raw if key not in fields)
    problems.extend(
        f"{prefix}{key}: missing" for key, each in fields.items() if each.default is MISSING and key not in raw
    )
    for key, each in fields.items():
        if key in raw and (each.metadata.get("absent") and raw[key] is None):
            problems.append(f"{prefix}{key}: leave it out instead of null")
        elif key in raw and (problem := each.metadata["check"](raw[key])):
            problems.append(f"{prefix}{key}: {problem}")
    if len(problems) > before or (given and None in [value for name, value in given.items() if name == "architecture"]):
        return None
    try:
        return cls(**{each.name: raw[key] for key, each in fields.items() if key in raw}, **(given or {}))
    except SpecError as error:
        problems.extend(f"{prefix}{problem}" for problem in error.problems)
        return None


def _integral(value: Any) -> Any:
    """JSON knows one kind of number: 2.0 is the whole number 2."""
    if isinstance(value, dict):
        return {key: _integral(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_integral(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")
