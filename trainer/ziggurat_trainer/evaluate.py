"""Scores of a model: perplexity of texts, exact match of answers, and the items both stand on."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from pathlib import Path

import torch

from .artifact import Model
from .batches import collate
from .data import Row, cut, prompts, read_chats, read_texts, text_rows
from .failures import Failure
from .generate import generate
from .loop import autocast, token_losses
from .parallel import Workers
from .report import Report
from .spec import Evaluation, Spec
from .stop import Stop


def evaluate(
    spec: Spec, model: Model, device: torch.device, out: Path, report: Report, stop: Stop, workers: Workers
) -> tuple[list[dict], int]:
    """Scores every dataset; writes `evaluation/items-<i>.jsonl`; returns the scores and the tokens read and said."""
    settings = spec.evaluation
    assert settings is not None
    model.decoder.eval()
    folder = out / "evaluation"
    folder.mkdir(parents=True, exist_ok=True)
    results, total = [], 0
    for index, dataset in enumerate(spec.datasets):
        name = f"items-{index}.jsonl"

        def tick(done: int, rows: int, ref: str = dataset.ref) -> None:
            report.progress(done, rows, None, None, f"  {ref}")
            stop.check()

        if dataset.format == "text":
            items, tokens = score_texts(model, list(read_texts(spec, dataset)), settings, device, workers, tick)
            metrics = {"perplexity": perplexity(items)}
        else:
            items, tokens = score_chats(model, list(read_chats(spec, dataset)), settings, device, workers, tick)
            metrics = {"exactMatch": sum(item["correct"] for item in items) / len(items)}
        if not all(math.isfinite(value) for value in metrics.values()):
            raise Failure("diverged", f"{dataset.ref}: the model's perplexity is not finite")
        _write_lines(folder / name, items)
        shown = ", ".join(f"{key} {value:.4f}" for key, value in metrics.items())
        report.log(f"{dataset.ref}: {len(items)} rows, {shown}")
        report.metrics(index, **metrics)
        results.append(
            {"ref": dataset.ref, "format": dataset.format, "rows": len(items), "items": name, "metrics": metrics}
        )
        total += tokens
    return results, total


def perplexity(items: list[dict]) -> float:
    """Exponential of the mean negative log likelihood per token, over all rows."""
    nats = sum(item["nll"] for item in items) / sum(item["tokens"] for item in items)
    return math.exp(nats) if nats < 700 else math.inf


def score_texts(
    model: Model,
    texts: list[str],
    settings: Evaluation,
    device: torch.device,
    workers: Workers,
    tick: Callable[[int, int], None],
) -> tuple[list[dict], int]:
    """Summed negative log likelihood of every text. Long texts are read in pieces that do not see one another."""
    pieces = [
        (index, piece)
        for index, row in enumerate(text_rows(model.codec, texts))
        for piece in cut(row, settings.sequence_length)
    ]
    nll, tokens = [0.0] * len(texts), [0] * len(texts)
    pieces.sort(key=lambda each: (-each[1].inputs, each[0]))
    batches = [pieces[start : start + settings.batch_size] for start in range(0, len(pieces), settings.batch_size)]
    scores = workers.map(lambda batch: _piece_nll(model, [piece for _, piece in batch], device), batches)
    done = 0
    for batch, values in zip(batches, scores, strict=True):
        for (index, piece), value in zip(batch, values, strict=True):
            nll[index] += value
            tokens[index] += int(piece.learn.sum())
        done += len(batch)
        tick(done, len(pieces))
    items = [
        {"format": "text", "index": index, "tokens": tokens[index], "nll": nll[index]} for index in range(len(texts))
    ]
    return items, sum(tokens)


def _piece_nll(model: Model, rows: list[Row], device: torch.device) -> list[float]:
    batch = collate(rows, device)
    with torch.inference_mode(), autocast(device):
        losses = token_losses(model.decoder, batch)
    sums = torch.zeros(len(rows), dtype=torch.float64, device=device)
    return sums.index_add_(0, batch.row_of, losses.double()).tolist()


def score_chats(
    model: Model,
    chats: list[list[dict[str, str]]],
    settings: Evaluation,
    device: torch.device,
    workers: Workers,
    tick: Callable[[int, int], None],
) -> tuple[list[dict], int]:
    """Greedy answer to every chat beside the last assistant turn; correct when equal but for blanks around."""
    asked = prompts(model.codec, chats, settings.sequence_length)
    said = generate(
        model.decoder,
        asked,
        batch_size=settings.batch_size,
        max_new_tokens=settings.max_new_tokens,
        stops=model.codec.stops,
        device=device,
        workers=workers,
        after_batch=lambda done: tick(done, len(asked)),
    )
    items = []
    for index, (chat, output) in enumerate(zip(chats, model.codec.decode(said), strict=True)):
        expected = chat[-1]["content"]
        correct = output.strip() == expected.strip()
        items.append({"format": "chat", "index": index, "expected": expected, "output": output, "correct": correct})
    return items, sum(map(len, asked)) + sum(map(len, said))


def _write_lines(path: Path, items: Iterable[dict]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(item, ensure_ascii=False, allow_nan=False) + "\n" for item in items)
