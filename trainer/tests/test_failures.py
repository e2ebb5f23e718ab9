"""Every class of failure the trainer can end with, through the real program."""

from __future__ import annotations

import json
import pickle
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ziggurat_trainer.failures import EXIT_CODES

from .builders import TINY, a_dataset, a_spec, chat_row, command_line, environment, events, run_program, write_rows


def failure(folder: Path, spec: Any, **more: Any) -> tuple[str, str]:
    """Runs the program; checks that exit code and last event agree; returns class and detail."""
    done = run_program(folder, spec, **more)
    last = events(folder / "out")[-1]
    assert last["type"] == "failure", done.stderr
    assert done.returncode == EXIT_CODES[last["class"]]
    assert not (folder / "out" / "result.json").exists()
    return last["class"], last["detail"]


def test_bad_spec_names_its_fields(place: Path) -> None:
    kind, detail = failure(place, a_spec("full", hyperparameters={"learningRate": 5, "surprise": 1}))
    assert kind == "bad_spec"
    assert "learningRate" in detail
    assert "surprise" in detail


def test_a_spec_that_is_no_json_is_a_bad_spec(place: Path) -> None:
    assert failure(place, "{")[0] == "bad_spec"


GOOD = chat_row("hello", "fee")
BAD_ROWS = {
    "broken": ('{"messages": [', "not JSON"),
    "order": (json.dumps({"messages": [*GOOD["messages"], GOOD["messages"][-1]]}), "alternate"),
    "ends-with-user": (json.dumps({"messages": GOOD["messages"][:2]}), "alternate"),
    "role": (json.dumps({"messages": [{"role": "robot", "content": "x"}]}), "role"),
    "content": (json.dumps({"messages": [{"role": "user", "content": 7}]}), "content"),
    "list": ("[]", "object"),
    "empty-line": ("", "not JSON"),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_bad_data_names_dataset_file_and_line(place: Path, name: str) -> None:
    from ziggurat_trainer.data import read_chats
    from ziggurat_trainer.failures import Failure
    from ziggurat_trainer.read_spec import parse_spec

    line, problem = BAD_ROWS[name]
    (place / "chats.jsonl").write_text(f"{json.dumps(GOOD)}\n{json.dumps(GOOD)}\n{line}\n", encoding="utf-8")
    spec = parse_spec(a_spec("full"), place)
    with pytest.raises(Failure, match=rf"foundation/chats@1 \(chats.jsonl\) line 3: .*{problem}") as refused:
        list(read_chats(spec, spec.datasets[0]))
    assert refused.value.exit_code == 11


def test_bad_data_ends_the_program(place: Path) -> None:
    write_rows(place / "texts.jsonl", [{"text": "fine"}, {"text": ""}])
    kind, detail = failure(place, a_spec("pretrain"))
    assert kind == "bad_data"
    assert "line 2" in detail


def test_an_empty_dataset_is_bad_data(place: Path) -> None:
    (place / "chats.jsonl").write_bytes(b"")
    assert failure(place, a_spec("full")) == ("bad_data", "foundation/chats@1 (chats.jsonl): no rows")


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.safetensors"])
def test_a_pickle_is_a_bad_base(place: Path, name: str) -> None:
    base = place / "pickled"
    shutil.copytree(place / "base", base)
    (base / "model.safetensors").unlink()
    (base / name).write_bytes(pickle.dumps({"lm_head.weight": [1.0]}))
    kind, detail = failure(place, a_spec("full", base={"path": "pickled", "adapterPath": None}))
    assert kind == "bad_base"
    assert "safetensors" in detail


def test_weights_that_do_not_fit_are_a_bad_base(place: Path) -> None:
    base = place / "other"
    shutil.copytree(place / "base", base)
    config = json.loads((base / "config.json").read_text(encoding="utf-8"))
    (base / "config.json").write_text(json.dumps({**config, "intermediate_size": 65}), encoding="utf-8")
    kind, detail = failure(place, a_spec("evaluate", base={"path": "other", "adapterPath": None}))
    assert kind == "bad_base"
    assert "mlp" in detail


def test_a_base_with_code_of_its_own_is_a_bad_base(place: Path) -> None:
    base = place / "coded"
    shutil.copytree(place / "base", base)
    config = {"model_type": "own", "auto_map": {"AutoModelForCausalLM": "evil.Model"}, "vocab_size": 999}
    (base / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (base / "evil.py").write_text("raise SystemExit(0)", encoding="utf-8")
    kind, detail = failure(place, a_spec("evaluate", base={"path": "coded", "adapterPath": None}))
    assert kind == "bad_base"
    assert "code" in detail


def test_an_adapter_of_another_shape_is_a_bad_base(place: Path) -> None:
    adapter = place / "wide"
    shutil.copytree(place / "adapter", adapter)
    settings = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
    (adapter / "adapter_config.json").write_text(json.dumps({**settings, "r": 9}), encoding="utf-8")
    assert failure(place, a_spec("merge", base={"path": "base", "adapterPath": "wide"}))[0] == "bad_base"


def test_too_little_memory_has_a_class(place: Path) -> None:
    shape = {**TINY, "hiddenSize": 16384, "intermediateSize": 131072}

    def little() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (6 * 2**30, 6 * 2**30))

    assert (
        failure(place, a_spec("pretrain", hyperparameters={"architecture": shape}), preexec_fn=little)[0]
        == "out_of_memory"
    )


def test_a_loss_without_bounds_has_a_class(place: Path) -> None:
    how = {
        "learningRate": 0.1,
        "weightDecay": 1,
        "maxGradNorm": 100,
        "epochs": 100,
        "schedule": "constant",
        "logEverySteps": 1,
    }
    base = place / "huge"
    shutil.copytree(place / "base", base)
    inflate(base / "model.safetensors")
    kind, _ = failure(place, a_spec("full", base={"path": "huge", "adapterPath": None}, hyperparameters=how))
    assert kind == "diverged"
    assert any(event["value"] in ("NaN", "Infinity") for event in events(place / "out") if event["type"] == "metric")


def inflate(path: Path) -> None:
    from safetensors.torch import load_file, save_file

    tensors = load_file(path)
    save_file({**tensors, "model.norm.weight": tensors["model.norm.weight"] * 3e38}, path)


def test_a_folder_that_cannot_be_written_has_a_class(place: Path) -> None:
    (place / "out").write_text("in the way", encoding="utf-8")
    assert run_program(place, a_spec("full")).returncode == EXIT_CODES["storage"]


def test_a_device_that_is_missing_has_a_class(place: Path) -> None:
    assert failure(place, a_spec("full", device="cuda"))[0] == "environment"


@pytest.mark.parametrize(("sent", "kind"), [(signal.SIGTERM, "preempted"), (signal.SIGINT, "cancelled")])
def test_a_signal_saves_and_ends_within_the_grace_time(place: Path, sent: signal.Signals, kind: str) -> None:
    spec = a_spec(
        "full", graceSeconds=10, hyperparameters={"epochs": 100, "logEverySteps": 1, "checkpointEverySteps": 10**6}
    )
    process = subprocess.Popen(command_line(place, spec), env=environment(), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if "loss" in line:
            break
    process.send_signal(sent)
    started = time.monotonic()
    process.communicate(timeout=60)
    assert time.monotonic() - started < 10
    assert process.returncode == EXIT_CODES[kind]
    saved, last = events(place / "out")[-2:]
    assert (saved["type"], last["type"], last["class"]) == ("checkpoint", "failure", kind)
    assert (place / spec["checkpointDir"] / "latest").exists()


def test_arguments_it_does_not_know_are_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ziggurat_trainer", "sing"], env=environment(), capture_output=True, check=False
    )
    assert done.returncode != 0


_LISTENER = """
import pickle, sys
seen = []
sys.addaudithook(lambda event, _: seen.append(event) if event == "pickle.find_class" else None)
from ziggurat_trainer.__main__ import main
import torch
def refuse(*_, **__):
    raise SystemExit(99)
torch.load = torch.save = pickle.dump = refuse
code = main(sys.argv[1:])
sys.exit(98 if seen else code)
"""


@pytest.mark.parametrize("method", ["pretrain", "lora", "merge"])
def test_no_pickle_is_ever_written_or_loaded(place: Path, method: str) -> None:
    spec = a_spec(method, datasets=[a_dataset("texts")] if method == "pretrain" else a_spec(method)["datasets"])
    spec["base"] = (
        None if method == "pretrain" else {"path": "base", "adapterPath": "adapter" if method == "merge" else None}
    )
    arguments = command_line(place, spec)[3:]
    done = subprocess.run([sys.executable, "-c", _LISTENER, *arguments], env=environment(), check=False)
    assert done.returncode == 0
    written = [path for root in ("out", spec["checkpointDir"]) for path in (place / root).rglob("*") if path.is_file()]
    assert written
    for path in written:
        assert path.suffix in (".json", ".jsonl", ".safetensors") or path.name == "latest"
        assert path.read_bytes()[:2] not in (b"\x80\x02", b"\x80\x04", b"\x80\x05", b"PK")
