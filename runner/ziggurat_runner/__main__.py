"""`ziggurat-runner`: started by an engine with `ZIGGURAT_JOB_URL` and `ZIGGURAT_JOB_TOKEN` in the environment."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from pathlib import Path

try:
    import resource
except ImportError:  # pragma: no cover - not on Windows
    resource = None  # type: ignore[assignment]

from .client import Client
from .failures import EXIT_CODES, Failure
from .files import Lock, now, read_json, write_json
from .identity import identity_of
from .run import Run, Settings
from .stop import Stop


def main(arguments: list[str] | None = None) -> int:
    """Runs one attempt in its folder; returns the exit code that names how it ended."""
    options = _parse(arguments)
    run: Path = options.dir.resolve()
    run.mkdir(parents=True, exist_ok=True)
    lock = Lock(run / "runner.lock")
    if not lock.try_acquire():
        return 0  # another runner has this folder; a doubled submission changes nothing
    final = read_json(run / "exit.json")
    if final is not None:
        return int(final["code"])
    earlier = read_json(run / "job.json")
    restart = 0 if earlier is None else int(earlier["restarts"]) + 1
    # From the moment the run can be found it can be told to stop, and must then leave a final word.
    stop = Stop()
    stop.listen()
    write_json(
        run / "job.json",
        {"key": options.key, "restarts": restart, "startedAt": now(), "process": identity_of(os.getpid())},
    )
    failure = _probe(options, stop) if options.probe is not None else _run(options, run, restart, stop)
    code = 0 if failure is None else EXIT_CODES[failure.kind]
    write_json(
        run / "exit.json",
        {
            "code": code,
            "class": None if failure is None else failure.kind,
            "detail": None if failure is None else failure.detail,
            "endedAt": now(),
            **_used(),
        },
    )
    return code


def _used() -> dict[str, float]:
    """What this process and its ended children used, where the system counts it."""
    if resource is None:
        return {}
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    # Linux counts resident memory in KiB, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return {
        "cpuSeconds": round(own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime, 3),
        "maxMemoryBytes": max(own.ru_maxrss, children.ru_maxrss) * unit,
    }


def _probe(options: argparse.Namespace, stop: Stop) -> Failure | None:
    """Shows that this node runs what it is given and that its output is seen."""
    print(options.probe, flush=True)
    return Failure("cancelled", stop.detail) if stop.requested.wait(options.probe_seconds) else None


def _run(options: argparse.Namespace, run: Path, restart: int, stop: Stop) -> Failure | None:
    url, token = os.environ.get("ZIGGURAT_JOB_URL"), os.environ.get("ZIGGURAT_JOB_TOKEN")
    if not url or not token:
        return Failure("environment", "ZIGGURAT_JOB_URL and ZIGGURAT_JOB_TOKEN are not set")
    settings = Settings(
        run=run,
        cache=options.cache or run / "cache",
        checkpoints=options.checkpoints,
        restart=restart,
        cache_bytes=options.cache_bytes,
        patience=options.patience,
        interval=options.interval,
    )
    try:
        return Run(settings, Client(url, token), stop).execute()
    except Exception as error:
        traceback.print_exc()
        return Failure("code_error", f"the runner failed: {type(error).__name__}: {error}")


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ziggurat-runner", description="Runs one attempt of a Ziggurat job.")
    parser.add_argument("--dir", type=Path, default=Path("."), help="folder of this attempt")
    parser.add_argument("--key", default="", help="name of this attempt at the engine")
    parser.add_argument("--cache", type=Path, help="folder for input files by digest, shared by the runs of a node")
    parser.add_argument("--cache-bytes", type=int, default=50 * 1024**3, help="how large the cache may stay")
    parser.add_argument("--checkpoints", type=Path, help="folder for checkpoints, shared by the attempts of a job")
    parser.add_argument(
        "--patience", type=float, default=7 * 86_400, help="seconds to wait for a control plane that is away"
    )
    parser.add_argument("--interval", type=float, default=0.5, help="seconds between two batches of events")
    parser.add_argument("--probe", help="print this and end, instead of running an attempt")
    parser.add_argument("--probe-seconds", type=float, default=0, help="seconds a probe waits before it ends")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
