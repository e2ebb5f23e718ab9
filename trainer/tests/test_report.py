from __future__ import annotations

import hashlib
from pathlib import Path

from ziggurat_trainer.report import Report, parse_event, write_result

from .builders import events, result


def test_numbers_go_on_after_a_line_cut_short(tmp_path: Path) -> None:
    Report(tmp_path).state("starting")
    with (tmp_path / "events.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"seq":2,"at":"20')
    Report(tmp_path).state("running")
    assert [event["seq"] for event in events(tmp_path)] == [1, 2]


def test_writes_only_events_of_the_contract(tmp_path: Path) -> None:
    report = Report(tmp_path)
    report.state("starting")
    report.metrics(1, loss=float("nan"), grad_norm=float("inf"))
    report.progress(1, 2, 10.0, 1.5)
    report.log("x" * 9000)
    report.failure("diverged", "y" * 9000)
    for event in events(tmp_path):
        parse_event(event)
    assert [event["value"] for event in events(tmp_path) if event["type"] == "metric"] == ["NaN", "Infinity"]


def test_reports_progress_twice_a_second_at_most_but_always_the_end(tmp_path: Path) -> None:
    report = Report(tmp_path)
    for step in range(1, 101):
        report.progress(step, 100, None, None)
    assert [event["step"] for event in events(tmp_path)] == [1, 100]


def test_result_lists_every_file_with_its_digest(tmp_path: Path) -> None:
    (tmp_path / "artifact" / "deep").mkdir(parents=True)
    (tmp_path / "artifact" / "deep" / "x.txt").write_bytes(b"hello")
    write_result(
        tmp_path, command="merge", parameters=1, tokens=0, seconds=0, loss=None, evaluations=[], environment={}
    )
    digest = hashlib.sha256(b"hello").hexdigest()
    assert result(tmp_path)["files"] == [{"path": "artifact/deep/x.txt", "sha256": digest, "sizeBytes": 5}]
    assert not list(tmp_path.glob("*.tmp"))
