from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .builders import run_job, write_data


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data, a pre-trained `base` and an `adapter` on it. Tests read it and write beside it."""
    folder = tmp_path_factory.mktemp("home")
    write_data(folder)
    shutil.copytree(run_job(folder, "pretrain", hyperparameters={"epochs": 3}) / "artifact", folder / "base")
    shutil.copytree(run_job(folder, "lora", hyperparameters={"epochs": 3}) / "artifact", folder / "adapter")
    return folder


@pytest.fixture
def place(home: Path, tmp_path: Path) -> Path:
    """A folder of the test's own with data and base."""
    for name in ("base", "adapter"):
        (tmp_path / name).symlink_to(home / name)
    for name in ("texts.jsonl", "chats.jsonl"):
        shutil.copy(home / name, tmp_path / name)
    return tmp_path
