from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM

from ziggurat_trainer.artifact import Model, load
from ziggurat_trainer.batches import collate, shared_prefix
from ziggurat_trainer.data import Row
from ziggurat_trainer.loop import token_losses
from ziggurat_trainer.read_spec import parse_spec
from ziggurat_trainer.spec import Base

from .builders import a_spec

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def model(home: Path) -> Model:
    return load(parse_spec(a_spec("full"), home), Base(path="base", adapter_path=None))


@pytest.fixture(scope="module")
def reference(home: Path):
    return AutoModelForCausalLM.from_pretrained(home / "base")


def a_row(length: int, seed: int, head: list[int] | None = None, unlearnt: int = 1) -> Row:
    ids = np.random.default_rng(seed).integers(6, 300, length)
    if head:
        ids[: len(head)] = head
    learn = np.arange(length) >= unlearnt
    return Row(ids, learn)


def losses_by_row(model: Model, rows: list[Row], **how: bool) -> list[torch.Tensor]:
    batch = collate(rows, CPU, **how)
    losses = token_losses(model.decoder, batch)
    return [losses[batch.row_of == index] for index in range(len(rows))]


ROWS = [a_row(length, seed) for seed, length in enumerate((9, 40, 3, 22, 21, 2, 64))]


def test_computes_what_transformers_computes(model: Model, reference) -> None:
    for row, ours in zip(ROWS, losses_by_row(model, ROWS), strict=True):
        ids = torch.from_numpy(row.ids)[None]
        logits = reference(ids).logits[0, :-1]
        theirs = torch.nn.functional.cross_entropy(logits, ids[0, 1:], reduction="none")
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)


def test_a_row_has_the_same_loss_packed_and_alone(model: Model) -> None:
    for row, packed in zip(ROWS, losses_by_row(model, ROWS), strict=True):
        torch.testing.assert_close(packed, losses_by_row(model, [row])[0], rtol=1e-5, atol=1e-5)


def test_a_row_does_not_see_its_neighbours(model: Model) -> None:
    before = losses_by_row(model, ROWS)[3]
    others = [row if index == 3 else a_row(len(row.ids), 50 + index) for index, row in enumerate(ROWS)]
    torch.testing.assert_close(losses_by_row(model, others)[3], before, rtol=1e-5, atol=1e-5)


def test_packing_changes_no_loss(model: Model) -> None:
    for packed, padded in zip(losses_by_row(model, ROWS), losses_by_row(model, ROWS, packing=False), strict=True):
        torch.testing.assert_close(packed, padded, rtol=1e-5, atol=1e-5)


def test_a_shared_beginning_changes_neither_loss_nor_gradient(model: Model) -> None:
    head = [7, 8, 9, 10, 11, 12]
    rows = [a_row(length, length, head, unlearnt=8) for length in (12, 30, 15)]
    assert shared_prefix(rows) == 6

    def both(sharing: bool) -> tuple[torch.Tensor, ...]:
        loss = token_losses(model.decoder, collate(rows, CPU, sharing=sharing)).sum()
        return (loss, *torch.autograd.grad(loss, list(model.decoder.parameters())))

    for shared, alone in zip(both(True), both(False), strict=True):
        torch.testing.assert_close(shared, alone, rtol=1e-4, atol=1e-4)


def test_the_gradient_is_that_of_transformers(model: Model, reference) -> None:
    row = ROWS[1]
    loss = token_losses(model.decoder, collate([row, ROWS[3]], CPU)).sum()
    ours = dict(
        zip(dict(model.decoder.named_parameters()), torch.autograd.grad(loss, model.decoder.parameters()), strict=True)
    )
    reference.zero_grad()
    for each in (row, ROWS[3]):
        ids = torch.from_numpy(each.ids)[None]
        torch.nn.functional.cross_entropy(reference(ids).logits[0, :-1], ids[0, 1:], reduction="sum").backward()
    for name, parameter in reference.named_parameters():
        torch.testing.assert_close(ours[name], parameter.grad, rtol=1e-3, atol=1e-3)
