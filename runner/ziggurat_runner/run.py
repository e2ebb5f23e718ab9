"""One run from its spec to its final word."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .client import Away, Client, Refused, persist
from .echoes import Echoes
from .events import failure_event, log_event, parse_event, state_event
from .failures import EXIT_CODES, Failure, failure_of_exit_code
from .files import read_json, write_json
from .inputs import checked_path, lay_inputs, prune
from .program import Program
from .reporter import Reporter
from .results import read_result, seal, upload
from .spool import Spool
from .stop import Stop
from .tail import Tail, shown

_POLL = 0.2
_LOG_LINES = 200_000


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the engine and its operator say about this node."""

    run: Path
    """Folder of this attempt; the same after a restart in place."""
    cache: Path
    """Input files by digest, shared by all runs of the node."""
    checkpoints: Path | None
    """Where checkpoints lie for every attempt of the job; inside the run's own folder when None."""
    restart: int
    """How often this attempt was started again in place."""
    cache_bytes: int
    """How large the cache may stay; what was used longest ago goes first."""
    patience: float
    """Seconds for which a step waits for a control plane that is away."""
    interval: float = 0.5
    """Seconds between two batches of events."""


class Run:
    def __init__(self, settings: Settings, client: Client, stop: Stop) -> None:
        self._settings = settings
        self._client = client
        self._stop = stop
        self._out = settings.run / "out"
        self._work = settings.run / "work"
        self._spool = Spool(settings.run / "spool.jsonl")
        self._failure: tuple[str, str] | None = None
        self._is_told_running = False
        self._logged = 0
        self._echoes = Echoes()
        self._tails = {
            "events": Tail(self._out / "events.jsonl", self._spool.offsets.get("events", 0), 1024 * 1024),
            "stdout": Tail(settings.run / "stdout.log", self._spool.offsets.get("stdout", 0)),
            "stderr": Tail(settings.run / "stderr.log", self._spool.offsets.get("stderr", 0)),
        }

    def execute(self) -> Failure | None:
        """Runs to the end and reports it. None stands for a sealed result."""
        reporter = Reporter(self._client, self._spool, self._stop, self._settings.interval)
        reporter.start()
        failure = self._attempt(reporter)
        if failure is not None:
            with contextlib.suppress(OSError):
                self._say(failure_event(failure.kind, failure.detail))
            # A node that is taken back leaves no time to wait; the spool stays for whoever comes next.
            reporter.flush(5 if self._stop.reason in ("preempted", "lost") else self._settings.patience)
        reporter.close()
        return failure

    def _attempt(self, reporter: Reporter) -> Failure | None:
        try:
            spec = self._spec()
            reporter.heartbeat = spec["limits"]["heartbeatSeconds"]
            self._train(spec)
            self._bring_home(reporter)
            return None
        except Failure as error:
            failure = error
        except Away as error:
            failure = Failure("lost", str(error))
        except OSError as error:
            failure = Failure("storage", str(error))
        if self._stop.reason is None:
            return failure
        # A stop explains every failure that came after it.
        return Failure("cancelled" if self._stop.reason == "paused" else self._stop.reason, self._stop.detail)

    def _spec(self) -> dict[str, Any]:
        """The control plane's word, or what it said to an earlier runner of this folder."""
        kept = read_json(self._settings.run / "run.json")
        if kept is not None:
            return kept
        try:
            spec = persist(self._client.spec, self._stop.requested, self._settings.patience)
        except Away as error:
            raise Failure("input_unavailable", f"the spec: {error}") from error
        except Refused as error:
            raise Failure("input_unavailable", f"the spec: {error}") from error
        if spec.get("schema") != "ziggurat.run/1":
            raise Failure("bad_spec", f"this runner does not know {spec.get('schema')!r}")
        write_json(self._settings.run / "run.json", spec)
        return spec

    def _train(self, spec: dict[str, Any]) -> None:
        """Returns when the program ended well; raises `Failure` otherwise."""
        program = Program.adopt(self._settings.run)
        if program is not None and not program.is_running:
            self._drain(is_ended=True)
            if (self._out / "result.json").exists():
                return
            if self._failure is not None:
                raise Failure(*self._failure)
            program = None
        if program is not None:
            self._say(log_event("runner", "found the training program running and goes on reporting for it"))
        else:
            if (self._out / "result.json").exists():
                return
            program = self._start(spec)
        self._watch(program, spec)

    def _start(self, spec: dict[str, Any]) -> Program:
        self._say(state_event("starting"))
        self._work.mkdir(parents=True, exist_ok=True)
        self._out.mkdir(parents=True, exist_ok=True)
        settings, trainer = self._settings, spec["trainer"]
        lay_inputs(self._client, spec["inputs"], self._work, settings.cache, self._stop.requested, settings.patience)
        self._lay_checkpoints(trainer["checkpointDir"])
        if self._stop.requested.is_set():
            raise Failure("preempted", "stopped before the training program was started")
        trainer = {**trainer, "attempt": {**trainer["attempt"], "restart": settings.restart}}
        write_json(self._work / "spec.json", trainer)
        places = {"{python}": sys.executable, "{spec}": str(self._work / "spec.json"), "{out}": str(self._out)}
        command = [places.get(word, word) for word in spec["command"]]
        return Program.start(command, settings.run, {"OMP_NUM_THREADS": str(trainer["threads"])})

    def _lay_checkpoints(self, name: str) -> None:
        """The spec names a folder beside itself; where the node keeps checkpoints for all attempts it points there."""
        folder = self._work / checked_path(name)
        if self._settings.checkpoints is None:
            folder.mkdir(parents=True, exist_ok=True)
            return
        self._settings.checkpoints.mkdir(parents=True, exist_ok=True)
        if not folder.is_symlink():
            folder.parent.mkdir(parents=True, exist_ok=True)
            folder.symlink_to(self._settings.checkpoints, target_is_directory=True)

    def _watch(self, program: Program, spec: dict[str, Any]) -> None:
        grace, limit = spec["trainer"]["graceSeconds"], spec["limits"]["seconds"]
        while program.is_running:
            self._drain()
            if self._stop.requested.wait(_POLL):
                program.stop(grace)
            elif time.time() - program.started_at > limit:
                self._stop.ask("time_limit", f"ran longer than {limit} s")
        program.sweep()
        self._drain(is_ended=True)
        if self._stop.reason is not None:
            raise Failure(self._stop.reason, self._stop.detail)
        code = program.exit_code
        if code == 0 or (code is None and (self._out / "result.json").exists()):
            return
        if code is None:
            raise Failure(*(self._failure or ("lost", "the training program ended unseen and left no result")))
        kind, detail = self._failure or (failure_of_exit_code(code), self._last_words(code))
        raise Failure(kind, detail)

    def _last_words(self, code: int) -> str:
        what = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
        try:
            with (self._settings.run / "stderr.log").open("rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - 4096))
                lines = [line for line in file.read().decode("utf-8", "replace").splitlines() if line.strip()]
        except OSError:
            lines = []
        return f"{what}: {lines[-1]}" if lines else what

    def _bring_home(self, reporter: Reporter) -> None:
        if self._stop.reason is not None:
            raise Failure(self._stop.reason, self._stop.detail)
        result = read_result(self._out)
        self._say(state_event("uploading"))
        patience = self._settings.patience
        upload(self._client, self._out, result, self._stop, patience)
        self._say(state_event("finished"))
        if not reporter.flush(patience):
            raise Away("the events could not be delivered")
        seal(self._client, result, self._stop, patience)
        prune(self._settings.cache, self._settings.cache_bytes)
        for folder in (self._work, self._out, self._settings.checkpoints):
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)

    def _drain(self, is_ended: bool = False) -> None:
        """Moves what the program wrote into the spool, in the order of its events, then of its logs."""
        entries: list[tuple[dict[str, Any], dict[str, int]]] = []
        for line, offset in self._tails["events"].read():
            entries += self._event_of(line, {"events": offset})
        for stream in ("stdout", "stderr"):
            for line, offset in self._tails[stream].read(is_ended):
                text = shown(line)
                if self._echoes.is_echo("event", stream, text):
                    continue
                self._logged += 1
                if self._logged <= _LOG_LINES:
                    entries.append((log_event(stream, text), {stream: offset}))
                elif self._logged == _LOG_LINES + 1:
                    entries.append((log_event("runner", "further lines stay on the node"), {stream: offset}))
        self._spool.append(entries)

    def _event_of(self, line: bytes, offsets: dict[str, int]) -> list[tuple[dict[str, Any], dict[str, int]]]:
        event = parse_event(line)
        if event["type"] == "failure" and event["class"] in EXIT_CODES:
            # Kept for the end: the run has one failure, with the program's own words in it.
            self._failure = (event["class"], event["detail"])
            return []
        if event["type"] == "failure":
            return [(log_event("runner", f"unknown failure class {event['class']}: {event['detail']}"), offsets)]
        if event == {**state_event("starting"), "at": event["at"]}:
            return []
        if event["type"] == "log" and self._echoes.is_echo("print", event["stream"], event["line"]):
            return []
        before: list[tuple[dict[str, Any], dict[str, int]]] = []
        is_running = event["type"] in ("progress", "metric") or event.get("state") == "running"
        if is_running and not self._is_told_running:
            self._is_told_running = True
            if event.get("state") != "running":
                before.append((state_event("running"), {}))
        if event["type"] == "state" and event["state"] == "finished":
            # "finished" is the runner's word, after the upload.
            return [*before, (log_event("runner", "the training program finished"), offsets)]
        return [*before, (event, offsets)]

    def _say(self, event: dict[str, Any]) -> None:
        self._spool.append([(event, {})])
