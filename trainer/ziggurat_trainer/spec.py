"""What a trainer is told: the frozen shapes of `spec.json`. Imports nothing but the standard library.

Ranges and defaults equal those of `packages/contracts`; one folder of examples there is read by the tests of both.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .rules import SpecError, check_all, flag, number, one_of, optional, path_rule, pattern, ruled, version_ref, whole

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


def targets(value: Any) -> str | None:
    if not isinstance(value, tuple) or not value:
        return "expected a list with at least one module"
    strange = [repr(item) for item in value if item not in LORA_TARGETS]
    return f"unknown modules {', '.join(strange)}; known are {', '.join(LORA_TARGETS)}" if strange else None


@dataclass(frozen=True, kw_only=True)
class Training:
    """What every training method understands."""

    learning_rate: float = ruled(number(0.1, above=0))
    """Highest learning rate of the schedule."""
    epochs: int = ruled(whole(1, 100), 1)
    """How often every row is seen."""
    max_steps: int | None = ruled(optional(whole(1, 10_000_000)), None, absent=True)
    """Stops early when set."""
    batch_size: int = ruled(whole(1, 4096), 32)
    """Rows per optimiser step; packing never changes which rows share a step."""
    sequence_length: int = ruled(whole(16, 131_072), 256)
    """Longest row in tokens: longer texts are cut into pieces, longer chats lose their beginning."""
    schedule: str = ruled(one_of(*SCHEDULES), "one_cycle")
    """Course of the learning rate; one_cycle after Smith and Topin, arXiv:1708.07120."""
    warmup_ratio: float = ruled(number(0.5, low=0), 0.1)
    """Share of the steps in which the learning rate rises."""
    weight_decay: float = ruled(number(1, low=0), 0.01)
    """Decoupled decay of matrices, not of norms; the default is that of torch.optim.AdamW."""
    max_grad_norm: float = ruled(number(100, above=0), 1.0)
    """Gradients are scaled down to this norm."""
    packing: bool = ruled(flag, True)
    """Rows lie end to end without padding, with no attention across them."""
    checkpoint_every_steps: int = ruled(whole(1, 1_000_000), 200)
    """Steps between checkpoints."""
    log_every_steps: int = ruled(whole(1, 10_000), 10)
    """Steps between metrics."""

    def __post_init__(self) -> None:
        check_all(self)


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """Shape of a Qwen3-shaped model that starts from random weights."""

    hidden_size: int = ruled(whole(8, 16_384))
    """Width of the residual stream."""
    layers: int = ruled(whole(1, 256))
    """Decoder blocks."""
    heads: int = ruled(whole(1, 256))
    """Query heads."""
    kv_heads: int = ruled(whole(1, 256))
    """Key and value heads, a divisor of heads."""
    head_dim: int = ruled(whole(2, 512, 2))
    """Width of a head."""
    intermediate_size: int = ruled(whole(8, 131_072))
    """Width of the gated feed-forward layer."""
    tie_embeddings: bool = ruled(flag, True)
    """Input and output embeddings are one matrix."""
    max_positions: int = ruled(whole(16, 1_048_576), 1024)
    """Longest sequence the model claims to know."""

    def __post_init__(self) -> None:
        check_all(self)
        if self.heads % self.kv_heads:
            raise SpecError(["kvHeads: heads must be a multiple of kvHeads"])


@dataclass(frozen=True, kw_only=True)
class Start:
    """What pre-training from nothing needs besides."""

    architecture: Architecture
    """Shape of the model."""
    vocab_size: int = ruled(whole(300, 262_144))
    """Entries of the byte-level BPE tokenizer trained on the text, special tokens included."""

    def __post_init__(self) -> None:
        check_all(self)


@dataclass(frozen=True, kw_only=True)
class Lora:
    """Low-rank adaptation, Hu et al., arXiv:2106.09685."""

    rank: int = ruled(whole(1, 512), 16)
    """Inner width of the adapter."""
    alpha: float = ruled(number(4096, above=0), 32)
    """Scale: the update is multiplied by alpha / rank."""
    dropout: float = ruled(number(0.9, low=0), 0.0)
    """Dropout before the adapter."""
    target_modules: tuple[str, ...] = ruled(targets, LORA_TARGETS[:7])
    """Modules that get an adapter; all linear ones by default, after Dettmers et al., arXiv:2305.14314."""

    def __post_init__(self) -> None:
        check_all(self)


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """How a model is scored."""

    batch_size: int = ruled(whole(1, 4096), 64)
    """Rows computed together."""
    sequence_length: int = ruled(whole(16, 131_072), 256)
    """Longest context in tokens."""
    max_new_tokens: int = ruled(whole(1, 4096), 32)
    """Longest answer of a chat row."""

    def __post_init__(self) -> None:
        check_all(self)


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """Which try of which job this is."""

    key: str = ruled(pattern(r"[a-z0-9-]{1,60}", "1 to 60 lower-case letters, digits and hyphens", 60))
    """Deterministic name of the attempt."""
    restart: int = ruled(whole(0))
    """How often the engine restarted it in place."""

    def __post_init__(self) -> None:
        check_all(self)


@dataclass(frozen=True, kw_only=True)
class Base:
    """A base model on this node."""

    path: str = ruled(path_rule)
    """Folder in Hugging Face layout."""
    adapter_path: str | None = ruled(optional(path_rule))
    """Folder of an adapter on top of it."""

    def __post_init__(self) -> None:
        check_all(self)


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """One JSONL file."""

    ref: str = ruled(version_ref)
    """The dataset version it is, ns/slug@n."""
    format: str = ruled(one_of(*FORMATS))
    """What its rows look like."""
    path: str = ruled(path_rule)
    """Where it lies."""

    def __post_init__(self) -> None:
        check_all(self)


@dataclass(frozen=True, kw_only=True)
class Spec:
    """One job. Exactly the parts its method needs are set."""

    attempt: Attempt
    """Which try this is."""
    command: str = ruled(one_of(*METHODS))
    """pretrain, tune, evaluate or merge."""
    method: str = ruled(one_of(*(method for methods in METHODS.values() for method in methods)))
    """How the command is carried out."""
    seed: int = ruled(whole(0, 2**31 - 1))
    """Same seed and same threads, same loss."""
    threads: int = ruled(whole(1, 1024))
    """CPU threads."""
    device: str = ruled(one_of("auto", "cpu", "cuda"))
    """auto takes CUDA where it is there."""
    checkpoint_dir: str = ruled(path_rule)
    """Where checkpoints live."""
    grace_seconds: int = ruled(whole(1, 3600))
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
        check_all(self)
        if self.method not in METHODS[self.command]:
            raise SpecError([f"method: {self.command} knows {', '.join(METHODS[self.command])}, got {self.method!r}"])

    def locate(self, path: str) -> Path:
        """Where a path of the spec lies on this node."""
        return self.folder / path

    def fingerprint(self) -> dict[str, Any]:
        """What must be equal for a checkpoint to be continued: the job, not the try and not the node."""
        named = ("command", "method", "seed", "base", "datasets", "training", "start", "lora")
        return json.loads(json.dumps({name: _plain(getattr(self, name)) for name in named}))


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return [_plain(each) for each in value] if isinstance(value, tuple) else value
