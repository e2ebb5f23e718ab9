"""Every way to fail has its class, its exit code and one event."""

import json
import re
from pathlib import Path

import pytest
from conftest import until

from ziggurat_runner.failures import EXIT_CODES


def the_failure(plane):
    (failure,) = plane.of_type("failure")
    return failure["class"], failure["detail"]


@pytest.mark.parametrize(
    ("body", "kind", "detail"),
    [
        ("sys.exit(11)", "bad_data", "exit code 11"),
        ("print('Traceback', file=sys.stderr); sys.exit(1)", "code_error", "exit code 1: Traceback"),
        ("sys.exit(99)", "code_error", "exit code 99"),
        ("os.kill(os.getpid(), 9)", "out_of_memory", "killed by signal 9"),
        ("os.kill(os.getpid(), 11)", "code_error", "killed by signal 11"),
        (
            "event(type='failure', **{'class': 'diverged', 'detail': 'loss is nan'}); sys.exit(14)",
            "diverged",
            "loss is nan",
        ),
        ("event(type='failure', **{'class': 'unheard', 'detail': 'x'}); sys.exit(13)", "out_of_memory", "exit code 13"),
        ("pass", "no_result", "the program ended well but left no result.json"),
        ("(out / 'result.json').write_text('{')", "no_result", "result.json cannot be read"),
        ("result({'artifact/a': b'a'}); (out / 'artifact/a').write_bytes(b'b')", "digest_mismatch", "artifact/a"),
        ("result({'artifact/a': b'a'}); (out / 'artifact/a').unlink()", "no_result", "names artifact/a"),
    ],
)
def test_a_failed_program_is_named_by_its_class(run, plane, body, kind, detail):
    run.writes(body).start()
    final = run.ends()
    assert (final["class"], final["code"]) == (kind, EXIT_CODES[kind])
    assert the_failure(plane)[0] == kind
    assert detail in the_failure(plane)[1]
    assert not plane.manifests


def test_an_input_with_a_flipped_byte_never_reaches_the_program(run, plane):
    run.reads("base/model.safetensors", b"good bytes", served=b"gOod bytes").writes("(out / 'ran').touch()").start()
    assert run.ends()["class"] == "digest_mismatch"
    assert not (run.folder / "out" / "ran").exists()


def test_a_file_that_rotted_in_the_cache_is_fetched_again(run, plane):
    run.reads("data/a", b"fresh").writes("result({'artifact/a': pathlib.Path('data/a').read_bytes()})")
    sha256 = plane.spec["inputs"][0]["sha256"]
    rotten = run.cache / "sha256" / sha256[:2] / sha256
    rotten.parent.mkdir(parents=True)
    rotten.write_bytes(b"frEsh")
    run.start()
    assert run.ends()["code"] == 0
    assert plane.uploaded(b"fresh") and rotten.read_bytes() == b"fresh"


def test_a_download_that_breaks_off_goes_on_where_it_stood(run, plane):
    data = bytes(range(256)) * 40
    plane.truncate_next = 2
    run.reads("data/a", data).writes("result({'artifact/a': pathlib.Path('data/a').read_bytes()})").start()
    assert run.ends()["code"] == 0
    assert plane.uploaded(data)
    assert plane.ranges == [None, f"bytes={len(data) // 2}-", f"bytes={len(data) * 3 // 4}-"]


def test_a_cached_input_is_not_fetched_twice(run, plane):
    run.reads("data/a", b"same").reads("data/b", b"same")
    run.writes("result({'artifact/a': pathlib.Path('data/b').read_bytes()})").start()
    assert run.ends()["code"] == 0
    assert plane.ranges == [None]


def test_an_absent_input_is_input_unavailable(run, plane):
    run.reads("data/a", b"abc").writes("pass")
    plane.inputs.clear()
    run.start()
    assert run.ends()["class"] == "input_unavailable"


def test_a_path_that_leaves_the_run_is_refused(run, plane, tmp_path):
    run.reads("../../escaped", b"abc").writes("pass").start()
    assert run.ends()["class"] == "bad_spec"
    assert not list(tmp_path.rglob("escaped"))


def test_a_wrong_token_starts_nothing(run, plane):
    run.writes("(out / 'ran').touch()").start(token="another", patience=1)
    assert run.ends()["class"] == "input_unavailable"
    assert plane.events == [] and not (run.folder / "out" / "ran").exists()


def test_a_program_that_cannot_be_started_blames_the_environment(run, plane):
    plane.spec["command"] = ["/nowhere/python"]
    run.start()
    assert run.ends()["class"] == "environment"


def test_without_its_variables_the_runner_says_what_is_missing(tmp_path, monkeypatch):
    from ziggurat_runner.__main__ import main

    monkeypatch.delenv("ZIGGURAT_JOB_URL", raising=False)
    assert main(["--dir", str(tmp_path)]) == EXIT_CODES["environment"]
    assert "ZIGGURAT_JOB_URL" in json.loads((tmp_path / "exit.json").read_text())["detail"]


def test_the_exit_codes_are_those_of_the_contract():
    source = Path(__file__).parents[2] / "packages/contracts/src/failures.ts"
    text = source.read_text()
    table = {kind: int(code) for kind, code in re.findall(r"(\w+): \{\s*exitCode: (\d+),", text)}
    assert table == EXIT_CODES


def test_one_event_the_control_plane_refuses_does_not_hold_up_the_rest(run, plane):
    plane.refuse_metric = "bad"
    run.writes("metric(1, 1.0); metric(2, 2.0, key='bad'); metric(3, 3.0); result({'artifact/a': b'a'})").start()
    assert run.ends()["code"] == 0
    assert [event["step"] for event in plane.of_type("metric")] == [1, 3]
    assert any("refused" in line for line in plane.lines("runner"))
    until(lambda: [event["seq"] for event in plane.events] == list(range(1, len(plane.events) + 1)))
