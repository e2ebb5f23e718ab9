"""Greedy answers to many prompts at once, with a key-value cache."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .batches import common_prefix
from .loop import autocast
from .model import Decoder, Layout, attend
from .parallel import Workers

# Rows that have ended are dropped from the cache once they are this share of it.
_DROP_SHARE = 0.5


def generate(
    decoder,
    prompts: list[np.ndarray],
    *,
    batch_size: int,
    max_new_tokens: int,
    stops: tuple[int, ...],
    device: torch.device,
    workers: Workers,
    after_batch: Callable[[int], None] = lambda done: None,
) -> list[list[int]]:
    """The most likely tokens after each prompt, up to a stop token (not included) or the limit."""
    answers: list[list[int]] = [[] for _ in prompts]
    order = sorted(range(len(prompts)), key=lambda index: -len(prompts[index]))
    batches = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
    one = _batch if isinstance(decoder, Decoder) else type(decoder).generate

    def answer(chosen: list[int]) -> list[list[int]]:
        with torch.inference_mode(), autocast(device):
            return one(decoder, [prompts[index] for index in chosen], max_new_tokens, stops, device)

    done = 0
    for chosen, said in zip(batches, workers.map(answer, batches), strict=True):
        for index, each in zip(chosen, said, strict=True):
            answers[index] = each
        done += len(chosen)
        after_batch(done)
    return answers


class _Cache:
    """Keys and values of each layer: rows x heads x positions x head_dim, each row from its left edge."""

    def __init__(self, kept: list[tuple[Tensor, Tensor]], layout: Layout, room: int) -> None:
        self.layers = [tuple(_rows(part, layout, room) for part in pair) for pair in kept]

    def take(self, rows: Tensor, width: int) -> None:
        self.layers = [tuple(part[rows, :, :width].contiguous() for part in pair) for pair in self.layers]


def _rows(flat: Tensor, layout: Layout, room: int) -> Tensor:
    """Flat tokens x heads x head_dim as rows with `room` positions each."""
    prefix, width = layout.prefix, flat.flatten(1)
    pieces = []
    for group in layout.groups:
        tail = width.index_select(0, group.gather).view(group.rows, group.length, *flat.shape[1:])
        head = flat[:prefix].expand(group.rows, *flat[:prefix].shape)
        pieces.append(F.pad(torch.cat([head, tail], 1), (0, 0, 0, 0, 0, room - prefix - group.length)))
    return torch.cat(pieces).transpose(1, 2).contiguous()


def _batch(
    decoder: Decoder, prompts: list[np.ndarray], limit: int, stops: tuple[int, ...], device: torch.device
) -> list[list[int]]:
    """Prompts come longest first."""
    lengths = torch.tensor([len(prompt) for prompt in prompts])
    prefix = common_prefix(prompts, int(lengths.min()) - 1)
    tokens = np.concatenate([prompts[0][:prefix], *(prompt[prefix:] for prompt in prompts)])
    layout = Layout.of((lengths - prefix).tolist(), prefix, device)
    last = prefix + (lengths - prefix).cumsum(0) - 1
    kept: list[tuple[Tensor, Tensor]] = []
    hidden = decoder(torch.from_numpy(tokens).to(device), layout, last.to(device), kept)
    cache = _Cache(kept, layout, int(lengths.max()) + limit)

    said: list[list[int]] = [[] for _ in prompts]
    rows = torch.arange(len(prompts))
    positions, running = lengths.clone(), torch.ones(len(prompts), dtype=torch.bool)
    for step in range(limit):
        token = decoder.lm_head(hidden).argmax(-1).cpu()
        running &= ~torch.isin(token, torch.tensor(stops))
        for row, each, goes_on in zip(rows.tolist(), token.tolist(), running.tolist(), strict=True):
            if goes_on:
                said[row].append(each)
        if step + 1 == limit or not running.any():
            break
        if running.float().mean() <= 1 - _DROP_SHARE:
            rows, positions, token = rows[running], positions[running], token[running]
            cache.take(running.nonzero().flatten().to(device), int(positions.max()) + limit - step)
            running = running[running]
        hidden = _advance(decoder, token.to(device), positions.to(device), cache)
        positions += 1
    return said


def _advance(decoder: Decoder, token: Tensor, positions: Tensor, cache: _Cache) -> Tensor:
    """One more token for each row of the cache."""
    x = decoder.model.embed_tokens(token)
    rotation = decoder.rotation(positions)
    rows = torch.arange(len(token), device=token.device)
    reach = int(positions.max()) + 1
    mask = (torch.arange(reach, device=token.device) <= positions[:, None])[:, None, None]
    for layer, (keys, values) in zip(decoder.model.layers, cache.layers, strict=True):
        q, k, v = layer.self_attn.project(layer.input_layernorm(x), rotation)
        keys[rows, :, positions], values[rows, :, positions] = k, v
        mixed = attend(q[:, :, None], keys[:, :, :reach], values[:, :, :reach], mask=mask)
        x = layer.feed(x + layer.self_attn.o_proj(mixed.flatten(1)))
    return decoder.model.norm(x)
