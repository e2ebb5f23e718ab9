"""Our training loop beside Hugging Face `Trainer`: one model, one set of rows, one set of settings, in turn in one run.

    .ziggurat/venv/bin/python bench/training/training.py [--rounds 3] [--steps 20] [--threads N]

Tokens per second count the tokens of the rows, for both alike: neither padding nor what a loop computes twice counts.
The peer gets what its users would give it: fused AdamW, dynamic padding, no saving, no reporting.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "trainer"))

import numpy as np  # noqa: E402
import torch  # noqa: E402
from transformers import Qwen3Config, Qwen3ForCausalLM, Trainer, TrainingArguments  # noqa: E402

from ziggurat_trainer.artifact import load_decoder, read_json  # noqa: E402
from ziggurat_trainer.checkpoint import Checkpoints  # noqa: E402
from ziggurat_trainer.data import Row  # noqa: E402
from ziggurat_trainer.loop import train  # noqa: E402
from ziggurat_trainer.parallel import Workers  # noqa: E402
from ziggurat_trainer.report import Report  # noqa: E402
from ziggurat_trainer.spec import Training  # noqa: E402
from ziggurat_trainer.stop import Stop  # noqa: E402

VOCABULARY = 3000
BATCH = 32
LOG_EVERY = 5
SHAPE = {
    "vocab_size": VOCABULARY,
    "hidden_size": 192,
    "intermediate_size": 448,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "head_dim": 48,
    "max_position_embeddings": 1024,
    "tie_word_embeddings": True,
    "use_cache": False,
}


def chat_rows(count: int) -> list[Row]:
    """Short dialogues under one system turn, the answer alone to be learnt: the shape of an intent dataset."""
    draw = random.Random(1)
    system = [draw.randrange(10, VOCABULARY) for _ in range(18)]
    rows = []
    for _ in range(count):
        user = [draw.randrange(10, VOCABULARY) for _ in range(draw.randint(6, 34))]
        answer = [draw.randrange(10, VOCABULARY) for _ in range(draw.randint(3, 7))]
        ids = np.array([*system, *user, *answer], dtype=np.int64)
        rows.append(Row(ids, np.arange(len(ids)) >= len(system) + len(user)))
    return rows


def text_rows(count: int) -> list[Row]:
    """Paragraphs of unequal length, every token to be learnt: the shape of a pre-training corpus."""
    draw = random.Random(2)
    lengths = [draw.randint(24, 128) for _ in range(count)]
    return [
        Row(np.array([draw.randrange(10, VOCABULARY) for _ in range(n)], dtype=np.int64), np.arange(n) > 0)
        for n in lengths
    ]


def ours(folder: Path, rows: list[Row], threads: int) -> tuple[float, float]:
    """Seconds and last loss of our loop."""
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.utils.deterministic.fill_uninitialized_memory = False
    decoder = load_decoder(folder, read_json(folder / "config.json"))
    training = Training(
        learning_rate=1e-3, batch_size=BATCH, schedule="linear", warmup_ratio=0.1, log_every_steps=LOG_EVERY
    )
    workers = Workers(threads, whole=False)
    with tempfile.TemporaryDirectory() as place, contextlib.redirect_stdout(io.StringIO()):
        out = Path(place)
        started = time.perf_counter()
        outcome = train(
            decoder,
            rows,
            training,
            seed=1,
            device=torch.device("cpu"),
            checkpoints=Checkpoints(out / "checkpoints", {}),
            report=Report(out),
            stop=Stop(),
            workers=workers,
        )
        return time.perf_counter() - started, outcome.loss


def theirs(folder: Path, rows: list[Row], threads: int) -> tuple[float, float]:
    """Seconds and last loss of the peer."""
    torch.use_deterministic_algorithms(False)
    torch.set_num_threads(threads)
    model = Qwen3ForCausalLM.from_pretrained(folder, attn_implementation="sdpa")
    data = [{"input_ids": row.ids, "labels": np.where(row.learn, row.ids, -100)} for row in rows]
    with tempfile.TemporaryDirectory() as place, contextlib.redirect_stdout(io.StringIO()):
        arguments = TrainingArguments(
            output_dir=place,
            per_device_train_batch_size=BATCH,
            num_train_epochs=1,
            learning_rate=1e-3,
            lr_scheduler_type="linear",
            warmup_steps=max(1, len(rows) // BATCH // 10),
            weight_decay=0.01,
            max_grad_norm=1.0,
            optim="adamw_torch_fused",
            logging_steps=LOG_EVERY,
            save_strategy="no",
            report_to=[],
            disable_tqdm=True,
            use_cpu=True,
            seed=1,
        )
        trainer = Trainer(model=model, args=arguments, train_dataset=data, data_collator=pad)
        started = time.perf_counter()
        trainer.train()
        seconds = time.perf_counter() - started
    return seconds, next(entry["loss"] for entry in reversed(trainer.state.log_history) if "loss" in entry)


def pad(rows: list[dict]) -> dict[str, torch.Tensor]:
    """Fills rows up to the longest of their batch."""
    width = max(len(row["input_ids"]) for row in rows)
    shape = (len(rows), width)
    batch = {"input_ids": np.zeros(shape, int), "labels": np.full(shape, -100), "attention_mask": np.zeros(shape, int)}
    for index, row in enumerate(rows):
        length = len(row["input_ids"])
        batch["input_ids"][index, :length] = row["input_ids"]
        batch["labels"][index, :length] = row["labels"]
        batch["attention_mask"][index, :length] = 1
    return {name: torch.from_numpy(values) for name, values in batch.items()}


def compare(name: str, folder: Path, rows: list[Row], rounds: int, threads: int) -> dict:
    """Alternates the two, so that whatever else the machine does meets both."""
    tokens = sum(row.inputs for row in rows)
    speeds: dict[str, list[float]] = {"ours": [], "theirs": []}
    losses: dict[str, float] = {}
    for turn in range(rounds + 1):
        for who, run in (("ours", ours), ("theirs", theirs)):
            seconds, losses[who] = run(folder, rows, threads)
            if turn:  # the first turn warms up
                speeds[who].append(tokens / seconds)
            print(
                f"  {name:<6} {f'round {turn}' if turn else 'warm-up'}  {who:<7} {tokens / seconds:>9,.0f} tokens/s",
                flush=True,
            )
    medians = {who: statistics.median(values) for who, values in speeds.items()}
    return {
        "rows": len(rows),
        "tokens": tokens,
        "tokensPerSecond": {who: round(value, 1) for who, value in medians.items()},
        "all": {who: [round(value, 1) for value in values] for who, values in speeds.items()},
        "loss": {who: round(value, 4) for who, value in losses.items()},
        "ratio": round(medians["ours"] / medians["theirs"], 3),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument(
        "--threads", type=int, default=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2
    )
    options = parser.parse_args()
    count = options.steps * BATCH
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        torch.manual_seed(1)
        model = Qwen3ForCausalLM(Qwen3Config(**SHAPE))
        parameters = model.num_parameters()
        model.save_pretrained(folder)
        cases = {
            name: compare(name, folder, rows, options.rounds, options.threads)
            for name, rows in (("chat", chat_rows(count)), ("text", text_rows(count)))
        }
    setting = f"batches of {BATCH} rows, {options.steps} steps, {options.threads} threads, median of {options.rounds}"
    print(f"\n{parameters:,} parameters, {setting}\n")
    print(f"{'rows':<8}{'ours':>14}{'HF Trainer':>14}{'ratio':>8}{'loss ours':>12}{'theirs':>9}")
    for name, case in cases.items():
        speed, loss = case["tokensPerSecond"], case["loss"]
        print(
            f"{name:<8}{speed['ours']:>12,.0f}/s{speed['theirs']:>12,.0f}/s{case['ratio']:>8.2f}{loss['ours']:>12.3f}{loss['theirs']:>9.3f}"
        )
    ratio = min(case["ratio"] for case in cases.values())
    print(f"\nlowest ratio {ratio:.2f}, goal 1.0")
    result = {
        "machine": {"processor": platform.machine(), "threads": options.threads, "at": datetime.now(UTC).isoformat()},
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "parameters": parameters,
        "batchSize": BATCH,
        "steps": options.steps,
        "rounds": options.rounds,
        "goal": 1.0,
        "ratio": ratio,
        "cases": cases,
    }
    target = ROOT / "bench" / "results" / "training.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(f"written to {target.relative_to(ROOT)}")
    return 0 if ratio >= 1.0 else 1


if __name__ == "__main__":
    sys.exit(main())
