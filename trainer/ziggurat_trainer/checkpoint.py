"""Checkpoints that are there whole or not at all: written aside, forced to disk, renamed, then pointed to.

A checkpoint is a folder `step-00000200` with `weights.safetensors` (what is trained), `optimizer.safetensors`,
`random.safetensors`, `state.json` and `manifest.json` with the digest of each.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from .report import Checkpoint, Report, digest, sync_folder, write_durably

_KEPT = 2


@dataclass(frozen=True)
class State:
    """What a run needs to go on as if it had never stopped."""

    step: int
    """Steps done."""
    tokens: int
    """Tokens read so far."""
    seconds: float
    """Time spent so far."""
    loss: float
    """The loss last reported."""
    losses: list[float]
    """Those of the steps since."""


class Checkpoints:
    """The checkpoints of one job in one folder."""

    def __init__(self, folder: Path, fingerprint: dict[str, Any]) -> None:
        self.folder = folder
        self.fingerprint = fingerprint

    def save(
        self, state: State, trained: dict[str, torch.nn.Parameter], optimizer: torch.optim.Optimizer, report: Report
    ) -> None:
        """Writes one checkpoint; drops those before the last but one and those of later steps, which were no good."""
        name = f"step-{state.step:08d}"
        aside = self.folder / f".{name}.tmp"
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        save_file(
            {name: tensor.detach().cpu().contiguous() for name, tensor in trained.items()},
            aside / "weights.safetensors",
        )
        save_file(_optimizer_tensors(trained, optimizer), aside / "optimizer.safetensors")
        save_file(_random_tensors(), aside / "random.safetensors")
        content = {"fingerprint": self.fingerprint, **state.__dict__}
        (aside / "state.json").write_text(json.dumps(content) + "\n", encoding="utf-8")
        files = [{"path": path.name, **digest(path)} for path in sorted(aside.iterdir())]
        for path in aside.iterdir():
            _sync(path)
        write_durably(aside / "manifest.json", json.dumps({"step": state.step, "files": files}).encode() + b"\n")
        final = self.folder / name
        shutil.rmtree(final, ignore_errors=True)
        aside.replace(final)
        sync_folder(self.folder)
        write_durably(self.folder / "latest", name.encode() + b"\n")
        for old in [each for each in self._names() if each > name] + [each for each in self._names() if each <= name][
            :-_KEPT
        ]:
            shutil.rmtree(self.folder / old, ignore_errors=True)
        listed = [*files, {"path": "manifest.json", **digest(final / "manifest.json")}]
        report.emit(
            Checkpoint(step=state.step, files=tuple({**each, "path": f"{name}/{each['path']}"} for each in listed))
        )

    def newest(self) -> Path | None:
        """The newest checkpoint that is complete, undamaged and of this very job."""
        names = self._names()
        pointer = self.folder / "latest"
        latest = pointer.read_text(encoding="utf-8").strip() if pointer.is_file() else ""
        for name in sorted(names, key=lambda each: (each == latest, each), reverse=True):
            if self._is_sound(self.folder / name):
                return self.folder / name
        return None

    def clear(self) -> None:
        """Removes what a finished job no longer needs."""
        for name in self._names():
            shutil.rmtree(self.folder / name, ignore_errors=True)
        (self.folder / "latest").unlink(missing_ok=True)

    def _names(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("step-*") if path.is_dir())

    def _is_sound(self, path: Path) -> bool:
        try:
            manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
            intact = all(digest(path / each["path"])["sha256"] == each["sha256"] for each in manifest["files"])
            return (
                intact
                and json.loads((path / "state.json").read_text(encoding="utf-8"))["fingerprint"] == self.fingerprint
            )
        except (OSError, ValueError, KeyError, TypeError, SafetensorError):
            return False


def restore(path: Path, trained: dict[str, torch.nn.Parameter], optimizer: torch.optim.Optimizer) -> State:
    """Puts weights, optimiser and random numbers back as they were."""
    weights = load_file(path / "weights.safetensors")
    moments = load_file(path / "optimizer.safetensors")
    with torch.no_grad():
        for name, parameter in trained.items():
            parameter.copy_(weights[name])
            if f"{name}/step" in moments:
                optimizer.state[parameter] = {
                    key: moments[f"{name}/{key}"].to(
                        "cpu" if key == "step" and not parameter.is_cuda else parameter.device
                    )
                    for key in ("step", "exp_avg", "exp_avg_sq")
                }
    numbers = load_file(path / "random.safetensors")
    torch.set_rng_state(numbers["cpu"])
    if "cuda" in numbers and torch.cuda.is_available():
        torch.cuda.set_rng_state(numbers["cuda"])
    content = json.loads((path / "state.json").read_text(encoding="utf-8"))
    content.pop("fingerprint")
    return State(**content)


def _optimizer_tensors(
    trained: dict[str, torch.nn.Parameter], optimizer: torch.optim.Optimizer
) -> dict[str, torch.Tensor]:
    return {
        f"{name}/{key}": value.detach().cpu().contiguous()
        for name, parameter in trained.items()
        for key, value in optimizer.state.get(parameter, {}).items()
    }


def _random_tensors() -> dict[str, torch.Tensor]:
    numbers = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        numbers["cuda"] = torch.cuda.get_rng_state()
    return numbers


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
