from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from .builders import result, run_job

IDS = torch.arange(6, 40)[None]


@pytest.mark.parametrize("targets", [["q_proj", "down_proj"], ["v_proj", "embed_tokens"], ["lm_head", "up_proj"]])
def test_a_merged_adapter_equals_an_applied_one(place: Path, targets: list[str]) -> None:
    tuned = run_job(place, "lora", hyperparameters={"epochs": 2, "targetModules": targets})
    shutil.copytree(tuned / "artifact", place / "new")
    merged = run_job(place, "merge", base={"path": "base", "adapterPath": "new"})
    base = AutoModelForCausalLM.from_pretrained(place / "base")
    plain = base(IDS).logits
    applied = PeftModel.from_pretrained(base, place / "new").eval()(IDS).logits
    ours = AutoModelForCausalLM.from_pretrained(merged / "artifact")(IDS).logits
    torch.testing.assert_close(ours, applied, rtol=1e-4, atol=1e-4)
    assert (ours - plain).abs().max() > 0.01


def test_an_adapter_names_no_path_of_this_machine(place: Path) -> None:
    settings = json.loads((place / "adapter" / "adapter_config.json").read_text(encoding="utf-8"))
    assert settings["base_model_name_or_path"] is None
    assert settings["task_type"] == "CAUSAL_LM"
    assert str(place) not in json.dumps(settings)


def test_a_merged_model_scores_like_base_and_adapter(place: Path) -> None:
    merged = run_job(place, "merge", base={"path": "base", "adapterPath": "adapter"})
    shutil.copytree(merged / "artifact", place / "merged")
    applied = result(run_job(place, "evaluate", "e1", base={"path": "base", "adapterPath": "adapter"}))["evaluations"]
    alone = result(run_job(place, "evaluate", "e2", base={"path": "merged", "adapterPath": None}))["evaluations"]
    assert [each["metrics"] for each in applied] == [each["metrics"] for each in alone]


def test_full_tuning_can_start_from_base_and_adapter(place: Path) -> None:
    out = run_job(place, "full", base={"path": "base", "adapterPath": "adapter"})
    assert AutoModelForCausalLM.from_pretrained(out / "artifact")(IDS).logits.isfinite().all()
