"""`python -m ziggurat_trainer {pretrain|tune|evaluate|merge} --spec spec.json --out DIR`."""

from __future__ import annotations

import argparse
import errno
import re
import sys
import traceback
from pathlib import Path

from .failures import EXIT_CODES, Failure
from .read_spec import read_spec
from .report import Report
from .spec import METHODS
from .stop import Stop

_STORAGE = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST}


def main(arguments: list[str] | None = None) -> int:
    """Runs one job; returns the exit code that names how it ended."""
    parser = argparse.ArgumentParser(prog="ziggurat_trainer", description="Trains, tunes, evaluates and merges models.")
    parser.add_argument("command", choices=METHODS)
    parser.add_argument("--spec", type=Path, required=True, help="the job, a JSON file")
    parser.add_argument("--out", type=Path, required=True, help="folder for events, artifact, evaluation and result")
    options = parser.parse_args(arguments)
    stop = Stop()
    stop.listen()
    try:
        report = Report(options.out)
    except OSError as error:
        print(f"storage: {options.out}: {error.strerror}", file=sys.stderr)
        return EXIT_CODES["storage"]
    try:
        report.state("starting")
        spec = read_spec(options.spec, options.command)
        stop.within(spec.grace_seconds, report)
        from .jobs import run  # torch is loaded only for a spec that can be run

        run(spec, options.out, report, stop)
        return 0
    except BaseException as error:
        failure = classify(error)
        if failure.kind == "code_error":
            traceback.print_exc()
        try:
            report.failure(failure.kind, failure.detail)
        except OSError:
            failure = Failure("storage", "the events file cannot be written")
            print(f"storage: {failure.detail}", file=sys.stderr)
        return failure.exit_code


def classify(error: BaseException) -> Failure:
    """The class of anything that can go wrong."""
    text = str(error) or type(error).__name__
    match error:
        case Failure():
            return error
        case ImportError():
            return Failure("environment", text)
        case MemoryError():
            return Failure("out_of_memory", text)
        case OSError() if error.errno in _STORAGE:
            return Failure("storage", text)
        case RuntimeError() if re.search("(not enough|out of|can.t allocate) memory", text, re.IGNORECASE):
            return Failure("out_of_memory", text)
        case KeyboardInterrupt():
            return Failure("cancelled", "stopped by SIGINT")
    name = type(error).__name__
    return Failure("storage" if "No space left" in text else "code_error", f"{name}: {text}")


if __name__ == "__main__":
    sys.exit(main())
