"""The course of the learning rate over the steps of a run."""

from __future__ import annotations

import math

from .spec import Training

# Start and end of one_cycle relative to the peak, as in torch.optim.lr_scheduler.OneCycleLR.
_START, _END = 1 / 25, 1 / 25 / 1e4


def learning_rate(step: int, steps: int, training: Training) -> float:
    """Learning rate of the step numbered from 0."""
    peak = training.learning_rate
    warmup = round(training.warmup_ratio * steps)
    if step < warmup:
        done = step / warmup
        return peak * _cosine(_START, 1.0, done) if training.schedule == "one_cycle" else peak * (step + 1) / warmup
    done = (step - warmup) / max(steps - warmup - 1, 1)
    match training.schedule:
        case "one_cycle":
            return peak * _cosine(1.0, _END, done)
        case "cosine":
            return peak * _cosine(1.0, 0.0, done)
        case "linear":
            return peak * (1.0 - done)
        case _:
            return peak


def _cosine(start: float, end: float, done: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * done)) / 2
