"""Rows to flat batches: no padding, and a beginning that all rows share is computed once.

Rows of one chat dataset often open with the same system turn. Nothing in it is learnt and no later token changes it,
so its keys and values serve every row of the batch; the gradients that reach it are summed, as they would be anyway.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from .data import Row
from .model import Layout

_WORTH_SHARING = 4


@dataclass(frozen=True)
class Batch:
    """One optimiser step's rows, laid out for the decoder."""

    tokens: Tensor
    layout: Layout
    select: Tensor | None
    """Tokens whose successor is learnt; None where that is all of them."""
    targets: Tensor
    """Their successors."""
    row_of: Tensor
    """Which of the given rows each target belongs to."""
    size: int
    """Tokens the rows hold, shared ones counted for each row, padding not."""


def collate(rows: list[Row], device: torch.device, *, packing: bool = True, sharing: bool = True) -> Batch:
    """Lays rows out, longest first. Without packing every row is filled up to the longest."""
    order = sorted(range(len(rows)), key=lambda index: -rows[index].inputs)
    prefix = shared_prefix(rows) if sharing else 0
    tails, selected, targets, owners = [], [], [], []
    fill = max(row.inputs for row in rows) - prefix
    offset = prefix
    for index in order:
        row = rows[index]
        tail = row.ids[prefix:-1]
        if not packing:
            tail = np.concatenate([tail, np.zeros(fill - len(tail), dtype=tail.dtype)])
        learnt = row.learn[1:].nonzero()[0]
        selected.append(offset - prefix + learnt)
        targets.append(row.ids[1:][learnt])
        owners.append(np.full(len(learnt), index))
        tails.append(tail)
        offset += len(tail)
    flat = np.concatenate([rows[order[0]].ids[:prefix], *tails])
    chosen = np.concatenate(selected)
    return Batch(
        tokens=torch.from_numpy(flat).to(device),
        layout=Layout.of([len(tail) for tail in tails], prefix, device),
        select=None if len(chosen) == len(flat) else torch.from_numpy(chosen).to(device),
        targets=torch.from_numpy(np.concatenate(targets)).to(device),
        row_of=torch.from_numpy(np.concatenate(owners)).to(device),
        size=sum(row.inputs for row in rows),
    )


def shared_prefix(rows: list[Row]) -> int:
    """Tokens all rows begin with, short of the first position from which something is learnt."""
    if len(rows) < 2:
        return 0
    limit = min(int(row.learn.argmax()) - 1 if row.learn.any() else row.inputs - 1 for row in rows)
    return common_prefix([row.ids for row in rows], limit)


def common_prefix(sequences: list[np.ndarray], limit: int) -> int:
    """Length of the beginning that all sequences share, at most `limit`; 0 where sharing would not pay."""
    if len(sequences) < 2 or limit < _WORTH_SHARING:
        return 0
    heads = np.stack([sequence[:limit] for sequence in sequences])
    differs = (heads != heads[0]).any(0)
    length = int(differs.argmax()) if differs.any() else limit
    return length if length >= _WORTH_SHARING else 0
