from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from transformers import AutoTokenizer

from ziggurat_trainer.failures import Failure
from ziggurat_trainer.jobs import run
from ziggurat_trainer.read_spec import read_spec
from ziggurat_trainer.report import Report, digest
from ziggurat_trainer.stop import Stop

from .builders import a_spec, events, metric, result, run_job, weights

METHODS = ("pretrain", "continued", "full", "lora")
SHORT = {"epochs": 2, "checkpointEverySteps": 2, "logEverySteps": 1}


class StopAfter(Stop):
    """A signal that comes when so many steps are done."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.left = steps + 2  # asked twice before the first step

    def check(self) -> None:
        super().check()
        self.left -= 1
        if self.left == 0:
            self.requested = "preempted"


class Killed(Report):
    """A process that dies when the metrics of a step are due."""

    step = 5

    def metrics(self, step: int, **values: float) -> None:
        if step == self.step:
            raise KeyboardInterrupt
        super().metrics(step, **values)


@pytest.mark.parametrize("method", METHODS)
def test_loss_falls(place: Path, method: str) -> None:
    losses = metric(run_job(place, method, hyperparameters={"epochs": 4, "logEverySteps": 1}), "loss")
    assert sum(losses[-3:]) < 0.9 * sum(losses[:3])


@pytest.mark.parametrize("method", METHODS)
def test_same_seed_gives_the_same_bytes(place: Path, method: str) -> None:
    first, second = (run_job(place, method, name, hyperparameters=SHORT) for name in ("one", "two"))
    assert metric(first, "loss") == metric(second, "loss")
    assert weights(first) == weights(second)
    assert weights(first) != weights(run_job(place, method, "three", seed=8, hyperparameters=SHORT))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("packing", [True, False])
def test_a_run_stopped_and_resumed_equals_an_unbroken_one(place: Path, method: str, packing: bool) -> None:
    how = {**SHORT, "packing": packing}
    unbroken = run_job(place, method, "unbroken", hyperparameters=how)
    with pytest.raises(Failure, match="SIGTERM"):
        run_job(place, method, "broken", stop=StopAfter(2), hyperparameters=how)
    assert not (place / "broken" / "result.json").exists()
    resumed = run_job(place, method, "broken", hyperparameters=how)
    assert weights(resumed) == weights(unbroken)
    assert metric(resumed, "loss") == metric(unbroken, "loss")
    assert [event["seq"] for event in events(resumed)] == list(range(1, len(events(resumed)) + 1))


def test_a_run_with_dropout_resumes_with_the_same_random_numbers(place: Path) -> None:
    how = {**SHORT, "dropout": 0.3}
    unbroken = run_job(place, "lora", "unbroken", threads=1, hyperparameters=how)
    with pytest.raises(Failure):
        run_job(place, "lora", "broken", threads=1, stop=StopAfter(3), hyperparameters=how)
    assert weights(run_job(place, "lora", "broken", threads=1, hyperparameters=how)) == weights(unbroken)


def test_a_run_killed_between_checkpoints_equals_an_unbroken_one(place: Path) -> None:
    unbroken = run_job(place, "full", "unbroken", hyperparameters=SHORT)
    (place / "broken.json").write_text(json.dumps(a_spec("full", hyperparameters=SHORT)), encoding="utf-8")
    with pytest.raises(KeyboardInterrupt):
        run(read_spec(place / "broken.json"), place / "broken", Killed(place / "broken"), Stop())
    resumed = run_job(place, "full", "broken", checkpointDir="checkpoints-full", hyperparameters=SHORT)
    assert weights(resumed) == weights(unbroken)
    assert any(event["type"] == "log" and "resumed from step 4" in event["line"] for event in events(resumed))


def test_a_damaged_checkpoint_is_passed_over(place: Path) -> None:
    unbroken = run_job(place, "full", "unbroken", hyperparameters=SHORT)
    with pytest.raises(Failure):
        run_job(place, "full", "broken", stop=StopAfter(4), hyperparameters=SHORT)
    newest = place / "checkpoints-broken" / (place / "checkpoints-broken" / "latest").read_text().strip()
    content = bytearray((newest / "weights.safetensors").read_bytes())
    content[-1] ^= 1
    (newest / "weights.safetensors").write_bytes(content)
    assert weights(run_job(place, "full", "broken", hyperparameters=SHORT)) == weights(unbroken)


def test_a_checkpoint_of_another_job_is_not_continued(place: Path) -> None:
    run_job(place, "full", "one", checkpointDir="shared", hyperparameters=SHORT)
    other = run_job(place, "full", "two", seed=9, checkpointDir="shared", hyperparameters=SHORT)
    assert not any("resumed" in event.get("line", "") for event in events(other))


def test_checkpoint_events_name_files_that_are_what_they_say(place: Path) -> None:
    out = run_job(place, "full", hyperparameters=SHORT)
    last = [event for event in events(out) if event["type"] == "checkpoint"][-1]
    for file in last["files"]:
        assert digest(place / "checkpoints-full" / file["path"])["sha256"] == file["sha256"]


def test_max_steps_ends_a_run_early(place: Path) -> None:
    out = run_job(place, "full", hyperparameters={"maxSteps": 1, "logEverySteps": 1})
    assert len(metric(out, "loss")) == 1
    assert result(out)["tokens"] > 0


def test_the_chat_template_is_that_of_transformers(home: Path) -> None:
    theirs = AutoTokenizer.from_pretrained(home / "base")
    assert len(theirs) == json.loads((home / "base" / "config.json").read_text())["vocab_size"]
    messages = [{"role": "user", "content": "fee is wrong"}, {"role": "assistant", "content": "fee"}]
    assert theirs.apply_chat_template(messages, tokenize=False) == "<|user|>fee is wrong<|end|><|assistant|>fee<|end|>"
    ids = theirs.apply_chat_template(messages[:1], add_generation_prompt=True)["input_ids"]
    assert theirs.decode(ids) == "<|user|>fee is wrong<|end|><|assistant|>"
    assert theirs.eos_token == "<|end|>"


def test_an_adapter_can_be_trained_on(place: Path) -> None:
    run_job(place, "lora", "more", base={"path": "base", "adapterPath": "adapter"}, hyperparameters=SHORT)
    shutil.copytree(place / "more" / "artifact", place / "further")
    assert (place / "further" / "adapter_model.safetensors").read_bytes() != (
        place / "adapter" / "adapter_model.safetensors"
    ).read_bytes()
    first = metric(place / "more", "loss")[0]
    assert first < metric(run_job(place, "lora", "fresh", hyperparameters=SHORT), "loss")[0]
