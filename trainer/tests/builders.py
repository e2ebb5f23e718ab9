"""Valid things of which a test changes only what it is about."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from ziggurat_trainer.jobs import run
from ziggurat_trainer.read_spec import read_spec
from ziggurat_trainer.report import Report
from ziggurat_trainer.stop import Stop

TINY = {
    "hiddenSize": 32,
    "layers": 2,
    "heads": 4,
    "kvHeads": 2,
    "headDim": 8,
    "intermediateSize": 64,
    "maxPositions": 128,
}
TEXTS = [
    f"{subject} {verb} {number} {thing}."
    for subject in ("The bank", "A client", "Her branch", "Our desk")
    for verb in ("pays", "lends", "holds", "moves")
    for number in (3, 14, 159)
    for thing in ("bonds", "coins in all", "shares of the fund every single year")
]
INTENTS = {
    "card_lost": ("lost my card", "card is gone"),
    "fee": ("why this fee", "fee is wrong"),
    "close": ("close it", "end it"),
}
CHATS = [
    (f"{opening} {phrase}", label)
    for opening in ("hello,", "please,", "well now then,", "hi")
    for label, phrases in INTENTS.items()
    for phrase in phrases
]


def chat_row(user: str, answer: str, **more: Any) -> dict:
    system = {"role": "system", "content": "Answer with one label, please."}
    return {
        "messages": [system, {"role": "user", "content": user}, {"role": "assistant", "content": answer}],
        **more,
    }


def write_rows(path: Path, rows: list[dict]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def write_data(folder: Path) -> None:
    """texts.jsonl and chats.jsonl."""
    write_rows(folder / "texts.jsonl", [{"text": text} for text in TEXTS])
    write_rows(folder / "chats.jsonl", [chat_row(*chat, metadata={"label": chat[1]}) for chat in CHATS])


def a_dataset(kind: str, path: str | None = None) -> dict:
    return {
        "ref": f"foundation/{kind}@1",
        "format": "text" if kind == "texts" else "chat",
        "path": path or f"{kind}.jsonl",
    }


_WHAT: dict[str, dict[str, Any]] = {
    "pretrain": {
        "command": "pretrain",
        "base": None,
        "datasets": [a_dataset("texts")],
        "hyperparameters": {"learningRate": 0.01, "architecture": TINY, "vocabSize": 320, "batchSize": 16},
    },
    "continued": {"command": "pretrain", "datasets": [a_dataset("texts")], "hyperparameters": {"learningRate": 0.005}},
    "full": {
        "command": "tune",
        "datasets": [a_dataset("chats")],
        "hyperparameters": {"learningRate": 0.005, "batchSize": 8},
    },
    "lora": {
        "command": "tune",
        "datasets": [a_dataset("chats")],
        "hyperparameters": {"learningRate": 0.02, "batchSize": 8, "rank": 4, "alpha": 8},
    },
    "evaluate": {"command": "evaluate", "datasets": [a_dataset("texts"), a_dataset("chats")], "hyperparameters": {}},
    "merge": {"command": "merge", "datasets": [], "hyperparameters": {}},
}


def a_spec(method: str, **more: Any) -> dict:
    """A spec of the method; hyperparameters given are added to those it has."""
    what = copy.deepcopy(_WHAT[method])
    what["hyperparameters"] = {**what["hyperparameters"], **more.pop("hyperparameters", {})}
    return {
        "schema": "ziggurat.trainer/1",
        "attempt": {"key": f"job-{method}", "restart": 0},
        "method": method,
        "base": {"path": "base", "adapterPath": None},
        "seed": 7,
        "threads": 2,
        "device": "cpu",
        "checkpointDir": f"checkpoints-{method}",
        "graceSeconds": 20,
        **what,
        **more,
    }


def run_job(folder: Path, method: str, name: str | None = None, *, stop: Stop | None = None, **more: Any) -> Path:
    """Runs a job in this process; returns its output folder."""
    name = name or method
    more.setdefault("checkpointDir", f"checkpoints-{name}")
    (folder / f"{name}.json").write_text(json.dumps(a_spec(method, **more)), encoding="utf-8")
    out = folder / name
    run(read_spec(folder / f"{name}.json"), out, Report(out), stop or Stop())
    return out


def command_line(folder: Path, spec: Any, name: str = "out") -> list[str]:
    """Arguments of the real program for a spec written into the folder."""
    (folder / f"{name}.json").write_text(spec if isinstance(spec, str) else json.dumps(spec), encoding="utf-8")
    command = spec["command"] if isinstance(spec, dict) else "pretrain"
    return [
        sys.executable,
        "-m",
        "ziggurat_trainer",
        command,
        "--spec",
        str(folder / f"{name}.json"),
        "--out",
        str(folder / name),
    ]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "CUDA_VISIBLE_DEVICES": ""}


def run_program(folder: Path, spec: Any, **more: Any) -> subprocess.CompletedProcess:
    return subprocess.run(
        command_line(folder, spec), env=environment(), capture_output=True, text=True, timeout=120, check=False, **more
    )


def events(out: Path) -> list[dict]:
    return [json.loads(line) for line in (out / "events.jsonl").read_text(encoding="utf-8").splitlines()]


def metric(out: Path, key: str) -> list[float]:
    return [event["value"] for event in events(out) if event["type"] == "metric" and event["key"] == key]


def result(out: Path) -> dict:
    return json.loads((out / "result.json").read_text(encoding="utf-8"))


def weights(out: Path) -> bytes:
    """The bytes that must be equal when two runs are."""
    folder = out / "artifact"
    return next(folder.glob("*.safetensors")).read_bytes()
