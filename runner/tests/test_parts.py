"""Small parts, each alone."""

import json
import os
from pathlib import Path

import pytest

from ziggurat_runner.events import LONGEST_LINE, clean_text, parse_event
from ziggurat_runner.identity import identity_of, is_alive
from ziggurat_runner.inputs import prune
from ziggurat_runner.spool import Spool
from ziggurat_runner.tail import Tail, shown

EXAMPLES = Path(__file__).parents[2] / "packages/contracts/examples/event"


@pytest.mark.parametrize("path", sorted((EXAMPLES / "accept").glob("*.json")), ids=lambda path: path.stem)
def test_a_good_event_of_the_contract_passes_unchanged(path):
    raw = json.loads(path.read_text())
    event = parse_event(path.read_text().replace("\n", " ").encode())
    assert {**event, "seq": raw["seq"], "at": raw["at"]} == raw


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        (b'{"type":"metric","key":"loss","step":1,"value":NaN}', {"value": "NaN"}),
        (b'{"type":"metric","key":"loss","step":1,"value":-Infinity}', {"value": "-Infinity"}),
        (
            b'{"type":"progress","step":1,"steps":2,"tokensPerSecond":-1,"more":1}',
            {"tokensPerSecond": None, "etaSeconds": None},
        ),
        (b"\xff\xfe not json", {"type": "log", "stream": "runner"}),
        (b'{"type":"metric","key":"loss","step":-1,"value":1}', {"type": "log"}),
        (b'{"type":"dance"}', {"type": "log"}),
        (b"[" * 100_000, {"type": "log"}),
        (b'{"type":"log","line":"a\\u0000b\\ud800"}', {"line": "a\ufffdb?", "stream": "stdout"}),
    ],
)
def test_an_odd_event_is_made_to_fit_or_told_as_a_log_line(line, fields):
    event = parse_event(line)
    assert {name: event[name] for name in fields} == fields
    assert set(event) <= {
        "at",
        "type",
        "key",
        "step",
        "value",
        "steps",
        "tokensPerSecond",
        "etaSeconds",
        "stream",
        "line",
    }


def test_text_fits_the_limit_in_the_units_the_contract_counts():
    assert len(clean_text("é" * 9000)) == LONGEST_LINE
    assert len(clean_text("😀" * 9000).encode("utf-16-le")) // 2 == LONGEST_LINE


def test_a_tail_hands_out_whole_lines_once(tmp_path):
    path = tmp_path / "log"
    tail = Tail(path, 0)
    assert tail.read() == []
    with path.open("ab", buffering=0) as file:
        file.write(b"one\ntw")
        assert tail.read() == [(b"one", 4)]
        file.write(b"o\n")
        assert tail.read() == [(b"two", 8)]
        file.write(b"end")
        assert tail.read() == []
        assert tail.read(is_ended=True) == [(b"end", 11)]
    assert Tail(path, 4).read() == [(b"two", 8)]


def test_a_line_without_end_is_cut_and_costs_no_memory(tmp_path):
    path = tmp_path / "log"
    path.write_bytes(b"x" * 3_000_000 + b"\nnext\n")
    (cut, offset), (following, _) = Tail(path, 0).read()
    assert len(cut) < LONGEST_LINE + 40 and cut.endswith(b" bytes cut") and offset == 3_000_001
    assert following == b"next"


def test_a_progress_bar_shows_its_last_drawing_and_bytes_are_replaced():
    assert shown(b"10%\r50%\r100%\r") == "100%"
    assert shown(b"\xff\xfeok") == "\ufffd\ufffdok"


def test_a_spool_cut_off_in_a_line_goes_on_from_the_last_whole_one(tmp_path):
    spool = Spool(tmp_path / "spool")
    spool.append([({"type": "a"}, {"events": 10}), ({"type": "b"}, {"events": 20})])
    with (tmp_path / "spool").open("ab") as file:
        file.write(b'{"event": {"seq": 3')
    again = Spool(tmp_path / "spool")
    assert (again.last_seq, again.offsets) == (2, {"events": 20})
    again.append([({"type": "c"}, {})])
    again.acknowledge(1)
    assert [event["seq"] for event in again.next_batch(10)] == [2, 3]
    assert [event["seq"] for event in again.next_batch(1)] == [2]
    again.acknowledge(0)
    assert [event["type"] for event in again.next_batch(10)] == ["a", "b", "c"]


def test_a_cache_too_large_loses_what_was_used_longest_ago(tmp_path):
    for age, name in enumerate(["new", "mid", "old"]):
        path = tmp_path / "sha256" / name[:2] / name
        path.parent.mkdir(parents=True)
        path.write_bytes(b"x" * 10)
        os.utime(path, (1000 - age, 1000 - age))
    prune(tmp_path, 20)
    assert sorted(path.name for path in tmp_path.glob("sha256/*/*")) == ["mid", "new"]


def test_an_identity_holds_for_the_same_process_only():
    own = identity_of(os.getpid())
    assert own is not None and is_alive(own)
    assert not is_alive({**own, "startTime": "1"})
    assert identity_of(2**22 + 1) is None
