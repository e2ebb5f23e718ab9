"""From a checked spec to a result: what each command does, in order."""

from __future__ import annotations

import os
import platform
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from .failures import Failure
from .report import Report, write_result
from .spec import Spec
from .stop import Stop

if TYPE_CHECKING:
    from .artifact import Model
    from .parallel import Workers


def run(spec: Spec, out: Path, report: Report, stop: Stop) -> None:
    """Carries out the job and writes its result."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    for folder in ("artifact", "evaluation"):
        shutil.rmtree(out / folder, ignore_errors=True)
    (out / "result.json").unlink(missing_ok=True)

    import torch

    torch.manual_seed(spec.seed)
    # The same as use_deterministic_algorithms, which would load the compiler, half of the time a small job takes.
    torch.set_deterministic_debug_mode("warn")
    torch.utils.deterministic.fill_uninitialized_memory = False
    device = pick_device(spec)
    started = time.monotonic()
    loss: float | None = None
    evaluations: list[dict] = []
    match spec.command:
        case "pretrain" | "tune":
            parameters, tokens, seconds, loss = _train(spec, device, out, report, stop)
        case "evaluate":
            from .artifact import load
            from .evaluate import evaluate

            assert spec.base is not None
            model = load(spec, spec.base)
            model.decoder.to(device)
            stop.check()
            report.state("running")
            workers = hire(spec, model, device)
            evaluations, tokens = evaluate(spec, model, device, out, report, stop, workers)
            parameters, seconds = model.parameters, time.monotonic() - started
        case _:
            from .artifact import load, save

            assert spec.base is not None
            if spec.base.adapter_path is None:
                raise Failure("bad_spec", "base.adapterPath: merge needs an adapter")
            report.state("running")
            model = load(spec, spec.base)
            stop.check()
            save(model, out / "artifact")
            parameters, tokens, seconds = model.parameters, 0, time.monotonic() - started
    write_result(
        out,
        command=spec.command,
        parameters=parameters,
        tokens=tokens,
        seconds=seconds,
        loss=loss,
        evaluations=evaluations,
        environment=environment(spec, device),
    )
    report.state("finished")


def _train(spec: Spec, device, out: Path, report: Report, stop: Stop) -> tuple[int, int, float, float]:
    """Returns parameters of the result, tokens, seconds and the last loss."""
    from .artifact import save
    from .checkpoint import Checkpoints
    from .data import training_rows
    from .loop import train
    from .methods import full, lora, pretrain

    assert spec.training is not None
    folder = spec.locate(spec.checkpoint_dir)
    folder.mkdir(parents=True, exist_ok=True)
    checkpoints = Checkpoints(folder, spec.fingerprint())
    match spec.method:
        case "pretrain":
            model = pretrain.build(spec, folder / "tokenizer")
        case "lora":
            model = lora.build(spec)
        case _:
            model = full.build(spec)
    stop.check()
    rows = training_rows(spec, model.codec, spec.training.sequence_length, answers_only=spec.command == "tune")
    stop.check()
    model.decoder.to(device)
    report.state("running")
    report.log(
        f"{spec.method}: {len(rows)} rows, {sum(row.inputs for row in rows):,} tokens, {model.parameters:,} parameters"
    )
    outcome = train(
        model.decoder,
        rows,
        spec.training,
        seed=spec.seed,
        device=device,
        checkpoints=checkpoints,
        report=report,
        stop=stop,
        workers=hire(spec, model, device),
    )
    if spec.method == "lora":
        parameters = lora.save(model, spec, out / "artifact")
    else:
        save(model, out / "artifact")
        parameters = model.parameters
    return parameters, outcome.tokens, outcome.seconds, outcome.loss


def hire(spec: Spec, model: Model, device) -> Workers:
    """Threads that share the rows between them, where rows can be shared."""
    from .model import Decoder
    from .parallel import Workers

    is_random = spec.lora is not None and spec.lora.dropout > 0
    return Workers(spec.threads, whole=device.type != "cpu" or is_random or not isinstance(model.decoder, Decoder))


def pick_device(spec: Spec):
    """CUDA where it is there and not refused."""
    import torch

    if spec.device == "cpu":
        return torch.device("cpu")
    if torch.cuda.is_available():
        return torch.device("cuda")
    if spec.device == "cuda":
        raise Failure("environment", "the spec asks for CUDA and this node has none")
    return torch.device("cpu")


def environment(spec: Spec, device) -> dict[str, str]:
    """What the result was made with; nothing that names the machine."""
    from importlib.metadata import version

    import torch

    packages = ("torch", "tokenizers", "safetensors", "numpy", "transformers", "peft")
    return {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}".lower(),
        "device": torch.cuda.get_device_name() if device.type == "cuda" else "cpu",
        "threads": str(spec.threads),
        **{name: version(name) for name in packages},
    }
