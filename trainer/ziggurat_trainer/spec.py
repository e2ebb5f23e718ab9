"""`spec.json`: all a trainer is told, read, checked and frozen. Imports nothing but the standard library.

Ranges and defaults equal those of `packages/contracts`; one folder of examples there is read by the tests of both.
"""

from __future__ import annotations

import dataclasses
import json
import math
import re
from dataclasses import MISSING, dataclass, field
from pathlib import Path
from typing import Any

from .failures import Failure

METHODS = {
    "pretrain": ("pretrain", "continued"),
    "tune": ("full", "lora"),
    "evaluate": ("evaluate",),
    "merge": ("merge",),
}
LORA_TARGETS = (
    "q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj", "embed_tokens", "lm_head",
)  # fmt: skip
SCHEDULES = ("one_cycle", "cosine", "linear", "constant")
FORMATS = ("text", "chat")
_SAFE_INTEGER = 2**53 - 1


class SpecError(Failure):
    """Everything that is wrong with a spec, at once, each problem with the path of its field."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("bad_spec", "; ".join(problems))
        self.problems = problems


# Rules: each returns what is wrong with a value, or None.


def _whole(low: int, high: int = _SAFE_INTEGER, multiple: int = 1):
    def problem(value: Any) -> str | None:
        if isinstance(value, bool) or not isinstance(value, int):
            return f"expected a whole number, got {value!r}"
        if not low <= value <= high:
            return f"must be from {low} to {high}, got {value}"
        return f"must be a multiple of {multiple}, got {value}" if value % multiple else None

    return problem


def _number(high: float, *, above: float | None = None, low: float | None = None):
    def problem(value: Any) -> str | None:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return f"expected a number, got {value!r}"
        if above is not None and not above < value <= high:
            return f"must be above {above} and at most {high}, got {value}"
        return f"must be from {low} to {high}, got {value}" if low is not None and not low <= value <= high else None

    return problem


def _one_of(*allowed: str):
    return lambda value: (
        None if isinstance(value, str) and value in allowed else f"must be one of {', '.join(allowed)}, got {value!r}"
    )


def _flag(value: Any) -> str | None:
    return None if isinstance(value, bool) else f"expected true or false, got {value!r}"


def _pattern(pattern: str, meaning: str, longest: int):
    compiled = re.compile(pattern, re.ASCII)

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


def _path(value: Any) -> str | None:
    return None if is_file_path(value) else f"expected a relative path without . or .. parts, got {value!r}"


def _optional(rule):
    return lambda value: None if value is None else rule(value)


def _targets(value: Any) -> str | None:
    if not isinstance(value, tuple) or not value:
        return "expected a list with at least one module"
    strange = [repr(item) for item in value if item not in LORA_TARGETS]
    return f"unknown modules {', '.join(strange)}; known are {', '.join(LORA_TARGETS)}" if strange else None


_version_ref = _pattern(r"[a-z0-9]+(-[a-z0-9]+)*/[a-z0-9]+(-[a-z0-9]+)*@[1-9][0-9]{0,8}", "namespace/slug@number", 140)


def _rule(check, default: Any = MISSING, **more: Any):
    metadata = {"check": check, **more}
    return field(metadata=metadata) if default is MISSING else field(default=default, metadata=metadata)


def _check(instance: Any) -> None:
    problems = [
        f"{_camel(each.name)}: {problem}"
        for each in dataclasses.fields(instance)
        if "check" in each.metadata and (problem := each.metadata["check"](getattr(instance, each.name)))
    ]
    if problems:
        raise SpecError(problems)


@dataclass(frozen=True, kw_only=True)
class Training:
    """What every training method understands."""

    learning_rate: float = _rule(_number(0.1, above=0))
    """Highest learning rate of the schedule."""
    epochs: int = _rule(_whole(1, 100), 1)
    """How often every row is seen."""
    max_steps: int | None = _rule(_optional(_whole(1, 10_000_000)), None, absent=True)
    """Stops early when set."""
    batch_size: int = _rule(_whole(1, 4096), 32)
    """Rows per optimiser step; packing never changes which rows share a step."""
    sequence_length: int = _rule(_whole(16, 131_072), 256)
    """Longest row in tokens: longer texts are cut into pieces, longer chats lose their beginning."""
    schedule: str = _rule(_one_of(*SCHEDULES), "one_cycle")
    """Course of the learning rate; one_cycle after Smith and Topin, arXiv:1708.07120."""
    warmup_ratio: float = _rule(_number(0.5, low=0), 0.1)
    """Share of the steps in which the learning rate rises."""
    weight_decay: float = _rule(_number(1, low=0), 0.01)
    """Decoupled decay of matrices, not of norms; the default is that of torch.optim.AdamW."""
    max_grad_norm: float = _rule(_number(100, above=0), 1.0)
    """Gradients are scaled down to this norm."""
    packing: bool = _rule(_flag, True)
    """Rows lie end to end without padding, with no attention across them."""
    checkpoint_every_steps: int = _rule(_whole(1, 1_000_000), 200)
    """Steps between checkpoints."""
    log_every_steps: int = _rule(_whole(1, 10_000), 10)
    """Steps between metrics."""

    def __post_init__(self) -> None:
        _check(self)


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """Shape of a Qwen3-shaped model that starts from random weights."""

    hidden_size: int = _rule(_whole(8, 16_384))
    """Width of the residual stream."""
    layers: int = _rule(_whole(1, 256))
    """Decoder blocks."""
    heads: int = _rule(_whole(1, 256))
    """Query heads."""
    kv_heads: int = _rule(_whole(1, 256))
    """Key and value heads, a divisor of heads."""
    head_dim: int = _rule(_whole(2, 512, 2))
    """Width of a head."""
    intermediate_size: int = _rule(_whole(8, 131_072))
    """Width of the gated feed-forward layer."""
    tie_embeddings: bool = _rule(_flag, True)
    """Input and output embeddings are one matrix."""
    max_positions: int = _rule(_whole(16, 1_048_576), 1024)
    """Longest sequence the model claims to know."""

    def __post_init__(self) -> None:
        _check(self)
        if self.heads % self.kv_heads:
            raise SpecError(["kvHeads: heads must be a multiple of kvHeads"])


@dataclass(frozen=True, kw_only=True)
class Start:
    """What pre-training from nothing needs besides."""

    architecture: Architecture
    """Shape of the model."""
    vocab_size: int = _rule(_whole(300, 262_144))
    """Entries of the byte-level BPE tokenizer trained on the text, special tokens included."""

    def __post_init__(self) -> None:
        _check(self)


@dataclass(frozen=True, kw_only=True)
class Lora:
    """Low-rank adaptation, Hu et al., arXiv:2106.09685."""

    rank: int = _rule(_whole(1, 512), 16)
    """Inner width of the adapter."""
    alpha: float = _rule(_number(4096, above=0), 32)
    """Scale: the update is multiplied by alpha / rank."""
    dropout: float = _rule(_number(0.9, low=0), 0.0)
    """Dropout before the adapter."""
    target_modules: tuple[str, ...] = _rule(_targets, LORA_TARGETS[:7])
    """Modules that get an adapter; all linear ones by default, after Dettmers et al., arXiv:2305.14314."""

    def __post_init__(self) -> None:
        _check(self)


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """How a model is scored."""

    batch_size: int = _rule(_whole(1, 4096), 64)
    """Rows computed together."""
    sequence_length: int = _rule(_whole(16, 131_072), 256)
    """Longest context in tokens."""
    max_new_tokens: int = _rule(_whole(1, 4096), 32)
    """Longest answer of a chat row."""

    def __post_init__(self) -> None:
        _check(self)


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """Which try of which job this is."""

    key: str = _rule(_pattern(r"[a-z0-9-]{1,60}", "1 to 60 lower-case letters, digits and hyphens", 60))
    """Deterministic name of the attempt."""
    restart: int = _rule(_whole(0))
    """How often the engine restarted it in place."""

    def __post_init__(self) -> None:
        _check(self)


@dataclass(frozen=True, kw_only=True)
class Base:
    """A base model on this node."""

    path: str = _rule(_path)
    """Folder in Hugging Face layout."""
    adapter_path: str | None = _rule(_optional(_path))
    """Folder of an adapter on top of it."""

    def __post_init__(self) -> None:
        _check(self)


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """One JSONL file."""

    ref: str = _rule(_version_ref)
    """The dataset version it is, ns/slug@n."""
    format: str = _rule(_one_of(*FORMATS))
    """What its rows look like."""
    path: str = _rule(_path)
    """Where it lies."""

    def __post_init__(self) -> None:
        _check(self)


@dataclass(frozen=True, kw_only=True)
class Spec:
    """One job. Exactly the parts its method needs are set."""

    attempt: Attempt
    """Which try this is."""
    command: str = _rule(_one_of(*METHODS))
    """pretrain, tune, evaluate or merge."""
    method: str = _rule(_one_of(*(method for methods in METHODS.values() for method in methods)))
    """How the command is carried out."""
    seed: int = _rule(_whole(0, 2**31 - 1))
    """Same seed and same threads, same loss."""
    threads: int = _rule(_whole(1, 1024))
    """CPU threads."""
    device: str = _rule(_one_of("auto", "cpu", "cuda"))
    """auto takes CUDA where it is there."""
    checkpoint_dir: str = _rule(_path)
    """Where checkpoints live."""
    grace_seconds: int = _rule(_whole(1, 3600))
    """Time from SIGTERM to the end of the process."""
    base: Base | None
    """The model to start from."""
    datasets: tuple[Dataset, ...]
    """The data, in order."""
    training: Training | None = None
    """Set where something is trained."""
    start: Start | None = None
    """Set for pretrain."""
    lora: Lora | None = None
    """Set for lora."""
    evaluation: Evaluation | None = None
    """Set for evaluate."""
    folder: Path = Path()
    """Folder of the spec file; its paths are relative to it."""

    def __post_init__(self) -> None:
        _check(self)
        if self.method not in METHODS[self.command]:
            raise SpecError([f"method: {self.command} knows {', '.join(METHODS[self.command])}, got {self.method!r}"])

    def locate(self, path: str) -> Path:
        """Where a path of the spec lies on this node."""
        return self.folder / path

    def fingerprint(self) -> dict[str, Any]:
        """What must be equal for a checkpoint to be continued: the job, not the try and not the node."""
        named = ("command", "method", "seed", "base", "datasets", "training", "start", "lora")
        return json.loads(json.dumps({name: _plain(getattr(self, name)) for name in named}))


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
        own = {_camel(each.name) for each in dataclasses.fields(cls)}
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
    fields = {_camel(each.name): each for each in dataclasses.fields(cls) if each.name not in (hidden or set())}
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


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)


def _integral(value: Any) -> Any:
    """JSON knows one kind of number: 2.0 is the whole number 2."""
    if isinstance(value, dict):
        return {key: _integral(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_integral(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")
