"""What a run promises from its spec to its final word."""

import os

from conftest import until

from ziggurat_runner.identity import identity_of


def numbers(plane):
    return [event["seq"] for event in plane.events]


def test_a_good_run_delivers_inputs_events_logs_and_result(run, plane):
    weights = os.urandom(20_000)
    run.reads("base/config.json", b'{"a":1}').reads("data/train.jsonl", b"row\n")
    run.writes(f"""
        assert pathlib.Path("base/config.json").read_bytes() == b'{{"a":1}}'
        assert "ZIGGURAT_JOB_TOKEN" not in os.environ and "ZIGGURAT_JOB_URL" not in os.environ
        for step in range(5): metric(step, 1 / (step + 1)); print("step", step)
        event(type="progress", step=5, steps=5, tokensPerSecond=10.5, etaSeconds=0)
        result({{"artifact/model.safetensors": {weights!r}, "artifact/empty.txt": b""}})
    """).start()
    assert run.ends() == {**run.ends(), "code": 0, "class": None}
    assert numbers(plane) == list(range(1, len(plane.events) + 1))
    assert [event["state"] for event in plane.of_type("state")] == ["starting", "running", "uploading", "finished"]
    assert [event["value"] for event in plane.of_type("metric")] == [1 / (step + 1) for step in range(5)]
    assert plane.lines("stdout") == [f"step {step}" for step in range(5)]
    assert plane.uploaded(weights) and plane.uploaded(b"")
    assert len(plane.manifests) == 1 and plane.manifests[0]["result"]["schema"] == "ziggurat.result/1"


def test_a_line_said_as_an_event_and_printed_too_is_shown_once(run, plane):
    run.writes("""
        print("both ways", flush=True)
        event(type="log", stream="stdout", line="both ways")
        event(type="log", stream="stdout", line="only said")
        print("only printed", flush=True); print("twice", flush=True); print("twice", flush=True)
        result({"artifact/a": b"a"})
    """).start()
    assert run.ends()["code"] == 0
    assert sorted(plane.lines("stdout")) == ["both ways", "only printed", "only said", "twice", "twice"]


def test_training_goes_on_while_the_control_plane_is_away_and_everything_arrives_once_and_in_order(run, plane):
    run.writes("""
        metric(0, 0.0); wait_for("away")
        for step in range(1, 1501): metric(step, float(step))
        (out.parent / "trained").touch()
        result({"artifact/a": b"a"})
    """).start()
    until(lambda: plane.of_type("metric"))
    plane.go_away()
    run.lets("away")
    until(lambda: (run.folder / "trained").exists())
    plane.come_back()
    assert run.ends()["code"] == 0
    assert [event["step"] for event in plane.of_type("metric")] == list(range(1501))
    assert numbers(plane) == list(range(1, len(plane.events) + 1))
    assert max(plane.batches) <= 1000


def test_lost_answers_and_passing_faults_leave_one_of_each(run, plane):
    plane.fail_next = {"spec": 1, "events": 2, "blob": 1, "put": 1, "head": 1, "manifest": 1}
    plane.lose_answer = {"events": 2, "put": 1, "manifest": 1}
    run.reads("data/a", b"abc").writes("metric(1, 2.0); result({'artifact/a': b'weights'})").start()
    assert run.ends()["code"] == 0
    assert numbers(plane) == list(range(1, len(plane.events) + 1))
    assert plane.uploaded(b"weights")
    # The control plane took the manifest twice, as its answer was lost once; sealing is repeatable.
    assert len(plane.manifests) == 2 and plane.manifests[0] == plane.manifests[1]


def test_cancel_stops_the_program_and_says_so(run, plane):
    run.writes("""
        signal.signal(signal.SIGTERM, lambda *_: ((out.parent / "saved").touch(), sys.exit(18)))
        metric(1, 1.0); wait_for("never")
    """).start()
    until(lambda: plane.of_type("metric"))
    plane.command = "cancel"
    assert run.ends()["class"] == "cancelled"
    assert (run.folder / "saved").exists()
    assert [event["class"] for event in plane.of_type("failure")] == ["cancelled"]
    assert not plane.manifests


def test_pause_lets_the_program_save_and_ends_the_attempt(run, plane):
    run.writes("""
        latest = pathlib.Path("checkpoints") / "latest"
        signal.signal(signal.SIGTERM, lambda *_: (latest.write_text("7"), sys.exit(18)))
        metric(1, 1.0); wait_for("never")
    """).start()
    until(lambda: plane.of_type("metric"))
    plane.command = "pause"
    final = run.ends()
    assert (final["code"], final["detail"]) == (17, "paused on request")
    assert (run.checkpoints / "latest").read_text() == "7"


def test_a_program_deaf_to_terminate_is_killed_with_its_children(run, plane):
    run.writes("""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        child = os.fork()
        if child == 0:
            (out.parent / "child").write_text(str(os.getpid()))
        metric(1, 1.0); wait_for("never")
    """)
    plane.spec["trainer"]["graceSeconds"] = 1
    run.start()
    until(lambda: plane.of_type("metric") and (run.folder / "child").exists())
    until(lambda: (run.folder / "child").read_text() != "")
    plane.command = "cancel"
    assert run.ends()["class"] == "cancelled"
    pid = int((run.folder / "child").read_text())
    until(lambda: identity_of(pid) is None)


def test_the_engine_taking_the_node_back_is_preempted(run, plane):
    run.writes("metric(1, 1.0); wait_for('never')").start()
    until(lambda: plane.of_type("metric"))
    run.terminate()
    assert run.ends()["class"] == "preempted"
    assert [event["class"] for event in plane.of_type("failure")] == ["preempted"]


def test_the_time_limit_ends_a_run(run, plane):
    plane.spec["limits"]["seconds"] = 1
    run.writes("wait_for('never')").start()
    assert run.ends()["class"] == "time_limit"


def test_a_runner_that_was_killed_goes_on_with_the_running_program(run, plane):
    run.writes("""
        for step in range(50): metric(step, float(step)); print("line", step, flush=True)
        wait_for("go")
        for step in range(50, 100): metric(step, float(step)); print("line", step, flush=True)
        result({"artifact/a": str(os.getpid()).encode()})
    """).start()
    until(lambda: len(plane.of_type("metric")) >= 50)
    trainer = run.trainer_pid()
    run.kill()
    run.lets("go")
    run.start()
    assert run.ends()["code"] == 0
    assert [event["step"] for event in plane.of_type("metric")] == list(range(100))
    assert plane.lines("stdout") == [f"line {step}" for step in range(100)]
    assert numbers(plane) == list(range(1, len(plane.events) + 1))
    assert plane.uploaded(str(trainer).encode())


def test_a_node_that_was_lost_starts_the_program_again_with_the_next_restart_number(run, plane):
    run.writes("""
        state = pathlib.Path("checkpoints") / "restart"
        if spec["attempt"]["restart"] == 0:
            state.write_text("here"); metric(1, 1.0); wait_for("never")
        metric(2, 2.0); result({"artifact/a": state.read_bytes()})
    """).start()
    until(lambda: plane.of_type("metric"))
    trainer = run.trainer_pid()
    run.kill()
    os.killpg(trainer, 9)
    until(lambda: identity_of(trainer) is None)
    run.start()
    assert run.ends()["code"] == 0
    assert [event["step"] for event in plane.of_type("metric")] == [1, 2]
    assert plane.uploaded(b"here")


def test_a_second_runner_of_one_folder_leaves_at_once(run, plane):
    run.writes("metric(1, 1.0); wait_for('go'); result({'artifact/a': b'a'})").start()
    until(lambda: plane.of_type("metric"))
    first, run._process = run._process, None
    run.start()
    assert run._process.wait(timeout=10) == 0
    assert not (run.folder / "exit.json").exists()
    run._process = first
    run.lets("go")
    assert run.ends()["code"] == 0
    assert len(plane.of_type("metric")) == 1


def test_a_finished_folder_repeats_its_final_word(run, plane):
    run.writes("sys.exit(11)").start()
    assert run.ends()["code"] == 11
    count = len(plane.events)
    assert run.start().ends()["code"] == 11
    assert len(plane.events) == count
