from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ziggurat_trainer.failures import EXIT_CODES
from ziggurat_trainer.read_spec import parse_spec, read_spec
from ziggurat_trainer.report import parse_event
from ziggurat_trainer.rules import SpecError

from .builders import a_spec, environment

CONTRACTS = Path(__file__).parents[2] / "packages" / "contracts"


def examples(kind: str, verdict: str) -> list[Path]:
    found = sorted((CONTRACTS / "examples" / kind / verdict).glob("*.json"))
    assert found, f"no examples of {kind} to {verdict}"
    return found


@pytest.mark.parametrize("path", examples("spec", "accept"), ids=lambda path: path.stem)
def test_takes_every_spec_the_contract_takes(path: Path) -> None:
    assert read_spec(path).command in ("pretrain", "tune", "evaluate", "merge")


@pytest.mark.parametrize("path", examples("spec", "refuse"), ids=lambda path: path.stem)
def test_refuses_every_spec_the_contract_refuses(path: Path) -> None:
    with pytest.raises(SpecError):
        read_spec(path)


@pytest.mark.parametrize("path", examples("event", "accept"), ids=lambda path: path.stem)
def test_takes_every_event_the_contract_takes(path: Path) -> None:
    parse_event(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", examples("event", "refuse"), ids=lambda path: path.stem)
def test_refuses_every_event_the_contract_refuses(path: Path) -> None:
    with pytest.raises(ValueError, match="not as the contract says"):
        parse_event(json.loads(path.read_text(encoding="utf-8")))


def test_exit_codes_are_those_of_the_contract() -> None:
    source = (CONTRACTS / "src" / "failures.ts").read_text(encoding="utf-8")
    for name, code in EXIT_CODES.items():
        assert re.search(rf"\b{name}: {{\s*exitCode: {code},", source)


def test_names_every_problem_at_once() -> None:
    spec = a_spec("lora", seed=-1, hyperparameters={"learningRate": 1, "rank": 0, "surprise": 1})
    spec["datasets"][0] = {"ref": "no-version", "format": "audio", "path": "../x"}
    with pytest.raises(SpecError) as refused:
        parse_spec(spec)
    said = "\n".join(refused.value.problems)
    for place in ("seed", "learningRate", "rank", "surprise", "datasets.0.ref", "datasets.0.format", "datasets.0.path"):
        assert place in said


def test_refuses_a_spec_for_another_command(tmp_path: Path) -> None:
    (tmp_path / "spec.json").write_text(json.dumps(a_spec("full")), encoding="utf-8")
    with pytest.raises(SpecError, match="command"):
        read_spec(tmp_path / "spec.json", "evaluate")


def test_refuses_numbers_json_does_not_know(tmp_path: Path) -> None:
    text = json.dumps(a_spec("full")).replace("0.005", "NaN")
    (tmp_path / "spec.json").write_text(text, encoding="utf-8")
    with pytest.raises(SpecError, match="NaN"):
        read_spec(tmp_path / "spec.json")


def test_fills_in_the_defaults_of_the_contract() -> None:
    spec = parse_spec(a_spec("lora", hyperparameters={"learningRate": 0.001}))
    assert spec.training is not None
    assert (spec.training.schedule, spec.training.warmup_ratio, spec.training.packing) == ("one_cycle", 0.1, True)
    assert spec.evaluation is None


def test_spec_and_report_need_no_torch() -> None:
    code = "import sys, ziggurat_trainer.report, ziggurat_trainer.__main__; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
