"""The training loop."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

from .batches import Batch, collate
from .checkpoint import Checkpoints, State, restore
from .data import Row
from .failures import Failure
from .parallel import Workers
from .report import Report
from .schedule import learning_rate
from .spec import Training
from .stop import Stop

# Scores computed at once, tokens x vocabulary: keeps the largest tensor of a step below a quarter of a gibibyte.
_SCORES_AT_ONCE = 2**26


@dataclass(frozen=True)
class Outcome:
    """What training came to."""

    tokens: int
    seconds: float
    loss: float


def train(
    decoder,
    rows: list[Row],
    training: Training,
    *,
    seed: int,
    device: torch.device,
    checkpoints: Checkpoints,
    report: Report,
    stop: Stop,
    workers: Workers,
) -> Outcome:
    """Trains every parameter that wants a gradient on rows, from the newest checkpoint where there is one."""
    rows = [row for row in rows if row.learn.any()]
    if not rows:
        raise Failure("bad_data", "no row holds a token to learn")
    trained = {name: parameter for name, parameter in decoder.named_parameters() if parameter.requires_grad}
    optimizer = make_optimizer(trained, training)
    steps_per_epoch = math.ceil(len(rows) / training.batch_size)
    steps = min(steps_per_epoch * training.epochs, training.max_steps or math.inf)
    state = State(step=0, tokens=0, seconds=0.0, loss=math.nan, losses=[])
    if (newest := checkpoints.newest()) is not None:
        state = restore(newest, trained, optimizer)
        report.log(f"resumed from step {state.step}")

    decoder.train()
    started = time.monotonic() - state.seconds
    tokens, losses, loss, saved = state.tokens, list(state.losses), state.loss, state.step
    meter = Meter(tokens)
    for step in range(state.step, steps):
        chosen = nth_rows(rows, step, steps_per_epoch, training.batch_size, seed)
        rate = learning_rate(step, steps, training)
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss = set_gradients(decoder, list(trained.values()), chosen, training.packing, device, workers)
        norm = torch.nn.utils.clip_grad_norm_(trained.values(), training.max_grad_norm).item()
        if not (math.isfinite(loss) and math.isfinite(norm)):
            report.metrics(step + 1, loss=loss, grad_norm=norm)
            raise Failure("diverged", f"loss {loss}, gradient norm {norm} at step {step + 1}")
        optimizer.step()
        optimizer.zero_grad()

        tokens += sum(row.inputs for row in chosen)
        losses.append(loss)
        done = step + 1
        if done % training.log_every_steps == 0 or done == steps:
            loss, losses = sum(losses) / len(losses), []
            report.metrics(done, loss=loss, learning_rate=rate, grad_norm=norm, tokens_per_second=meter.speed(tokens))
        report.progress(
            done, steps, meter.speed(tokens), meter.eta(done - state.step, steps - done), f"  loss {loss:.4f}"
        )
        if done % training.checkpoint_every_steps == 0 or stop.requested:
            checkpoints.save(State(done, tokens, time.monotonic() - started, loss, losses), trained, optimizer, report)
            saved = done
        stop.check()
    if saved < steps:
        checkpoints.save(State(steps, tokens, time.monotonic() - started, loss, losses), trained, optimizer, report)
    decoder.eval()
    return Outcome(tokens, time.monotonic() - started, loss)


class Meter:
    """Throughput and time left of this process, not of those before it."""

    def __init__(self, tokens: int) -> None:
        self.tokens = tokens
        self.started = time.monotonic()

    def speed(self, tokens: int) -> float:
        return round((tokens - self.tokens) / max(time.monotonic() - self.started, 1e-9), 1)

    def eta(self, done: int, left: int) -> float:
        return round((time.monotonic() - self.started) / max(done, 1) * left, 1)


def make_optimizer(trained: dict[str, torch.nn.Parameter], training: Training) -> torch.optim.Optimizer:
    """AdamW in one fused kernel; matrices decay, norms do not."""
    matrices = [parameter for parameter in trained.values() if parameter.dim() > 1]
    vectors = [parameter for parameter in trained.values() if parameter.dim() <= 1]
    groups = [{"params": matrices, "weight_decay": training.weight_decay}, {"params": vectors, "weight_decay": 0.0}]
    return torch.optim.AdamW([group for group in groups if group["params"]], lr=training.learning_rate, fused=True)


def nth_rows(rows: list[Row], step: int, steps_per_epoch: int, batch_size: int, seed: int) -> list[Row]:
    """The rows of a step follow from seed and step alone, so a resumed run needs no other place mark."""
    epoch, position = divmod(step, steps_per_epoch)
    chosen = _order(len(rows), seed, epoch)[position * batch_size : (position + 1) * batch_size]
    return [rows[index] for index in chosen]


@lru_cache(maxsize=1)
def _order(rows: int, seed: int, epoch: int) -> list[int]:
    return torch.randperm(rows, generator=torch.Generator().manual_seed(seed * 1_000_003 + epoch)).tolist()


def autocast(device: torch.device) -> torch.autocast:
    """bfloat16 arithmetic on CUDA; on the CPU plain float32, which is what its kernels are quick at."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=device.type == "cuda")


def set_gradients(
    decoder, parameters: list[Tensor], rows: list[Row], packing: bool, device: torch.device, workers: Workers
) -> float:
    """Gradients of the mean loss, in nats per learnt token, over the rows; returns that loss.

    Each worker takes every n-th row by length and hands back its gradients, which are added in the order of the
    workers: the same sums in the same order whichever is done first.
    """
    by_length = sorted(rows, key=lambda row: -row.inputs)
    shares = [by_length[start :: workers.count] for start in range(min(workers.count, len(rows)))]
    learnt = sum(int(row.learn.sum()) for row in rows)

    def part(share: list[Row]) -> tuple[Tensor, tuple[Tensor, ...]]:
        with autocast(device):
            loss = token_losses(decoder, collate(share, device, packing=packing)).sum() / learnt
        return loss.detach(), torch.autograd.grad(loss, parameters, allow_unused=True)

    total, gradients = None, None
    for loss, grads in workers.map(part, shares):
        total = loss if total is None else total + loss
        gradients = (
            grads if gradients is None else [_plus(mine, more) for mine, more in zip(gradients, grads, strict=True)]
        )
    for parameter, gradient in zip(parameters, gradients or (), strict=True):
        parameter.grad = gradient
    return float(total)


def _plus(one: Tensor | None, other: Tensor | None) -> Tensor | None:
    return one if other is None else other if one is None else one.add_(other)


def token_losses(decoder, batch: Batch) -> Tensor:
    """Cross entropy of each learnt token. Only their scores are computed, and not too many at once."""
    hidden = decoder(batch.tokens, batch.layout, batch.select)
    size = max(_SCORES_AT_ONCE // decoder.vocab_size, 1)
    if len(hidden) <= size:
        return _losses(decoder, hidden, batch.targets)
    pieces = zip(hidden.split(size), batch.targets.split(size), strict=True)
    if not torch.is_grad_enabled():
        return torch.cat([_losses(decoder, *piece) for piece in pieces])
    from torch.utils.checkpoint import checkpoint

    return torch.cat([checkpoint(_losses, decoder, *piece, use_reentrant=False) for piece in pieces])


def _losses(decoder, hidden: Tensor, targets: Tensor) -> Tensor:
    return F.cross_entropy(decoder.lm_head(hidden).float(), targets, reduction="none")
