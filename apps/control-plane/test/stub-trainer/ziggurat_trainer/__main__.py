"""What it does is written in the first row of its first dataset: a JSON object of the keys read below."""

import argparse
import hashlib
import json
import os
import signal
import struct
import sys
import time
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("command")
parser.add_argument("--spec", type=Path)
parser.add_argument("--out", type=Path)
options = parser.parse_args()
spec = json.loads(options.spec.read_text())
out, root = options.out, options.spec.parent
out.mkdir(parents=True, exist_ok=True)
checkpoint = root / spec["checkpointDir"] / "step"


def rows_of(dataset):
    return [json.loads(line) for line in (root / dataset["path"]).read_text().splitlines() if line]


def text_of(row):
    return row["text"] if "text" in row else row["messages"][0]["content"]


def orders():
    if not spec["datasets"]:
        return {}
    try:
        value = json.loads(text_of(rows_of(spec["datasets"][0])[0]))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def learnt(folder):
    """How many runs stand behind the model in a folder, by its own word."""
    config = root / folder / name_of_config(folder)
    return json.loads(config.read_text()).get("learnt", 0) if config.exists() else 0


def name_of_config(folder):
    return "adapter_config.json" if folder == "adapter" else "config.json"


seq = 0
events = out / "events.jsonl"
if events.exists():
    seq = len(events.read_text().splitlines())


def emit(**fields):
    global seq
    seq += 1
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    with events.open("a") as file:
        file.write(json.dumps({"seq": seq, "at": at, **fields}) + "\n")


def stop(*_):
    emit(type="failure", detail="stopped by SIGTERM", **{"class": "preempted"})
    sys.exit(18)


signal.signal(signal.SIGTERM, stop)
told = orders()
emit(type="state", state="running")
print("stub", options.command, spec["method"], flush=True)
step, steps = (int(checkpoint.read_text()) if checkpoint.exists() else 0), told.get("steps", 3)
while step < steps:
    step += 1
    emit(type="metric", key="loss", step=step, value=told.get("losses", {}).get(str(step), 1.0 / step))
    emit(type="progress", step=step, steps=steps, tokensPerSecond=100.0, etaSeconds=float(steps - step))
    print("step", step, flush=True)
    if told.get("waitAtStep") == step:
        while not Path(told["waitFor"]).exists():
            time.sleep(0.02)
    if told.get("failAtStep") == step and not Path(told["unlessThere"]).exists():
        if "failure" in told:
            emit(type="failure", detail=told.get("detail", "the stub was told to fail"), **{"class": told["failure"]})
        sys.exit(told.get("exitCode", 1))
    checkpoint.write_text(str(step))

artifact, evaluation = out / "artifact", out / "evaluation"


def safetensors(salt, shapes):
    header, end = {"__metadata__": {"salt": salt}}, 0
    for name, (rows, columns) in shapes.items():
        header[name] = {"dtype": "F32", "shape": [rows, columns], "data_offsets": [end, end + rows * columns * 4]}
        end += rows * columns * 4
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + b"\x01" * end


WHOLE = {"proj.weight": (25, 40)}
ADAPTER = {"base_model.model.proj.lora_A.weight": (1, 40), "base_model.model.proj.lora_B.weight": (25, 1)}
ADAPTER_CONFIG = {"peft_type": "LORA", "r": 1, "lora_alpha": 2, "target_modules": ["proj"]}


def put(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


evaluations = []
behind = max(learnt("base"), learnt("adapter"))
if options.command == "evaluate":
    for index, dataset in enumerate(spec["datasets"]):
        rows = rows_of(dataset)[told.get("skipRows", 0) :]
        items = []
        for number, row in enumerate(rows):
            if dataset["format"] == "text":
                nll = 2.0 - 0.1 * behind if told.get("gains") else 1.5
                items.append({"format": "text", "index": number, "tokens": len(row["text"]), "nll": nll * len(row["text"])})
            else:
                expected = row["messages"][-1]["content"]
                output = expected if (number < behind if told.get("gains") else number % 2 == 0) else "no"
                items.append(
                    {"format": "chat", "index": number, "expected": expected, "output": output, "correct": True}
                )
        put(evaluation / f"items-{index}.jsonl", "".join(json.dumps(item) + "\n" for item in items).encode())
        evaluations.append(
            {"ref": dataset["ref"], "format": dataset["format"], "rows": len(items), "items": f"items-{index}.jsonl", "metrics": {}}
        )
else:
    is_adapter = spec["method"] == "lora"
    name = "adapter_model.safetensors" if is_adapter else "model.safetensors"
    put(artifact / name, safetensors(spec["attempt"]["key"].rsplit("-", 1)[0], ADAPTER if is_adapter else WHOLE))
    config = json.dumps({**(ADAPTER_CONFIG if is_adapter else {}), "learnt": behind + 1}).encode()
    put(artifact / ("adapter_config.json" if is_adapter else "config.json"), config)
    base = root / "base" / "tokenizer.json"
    put(artifact / "tokenizer.json", base.read_bytes() if base.exists() else b'{"made":"here"}')

files = [
    {"path": path.relative_to(out).as_posix(), "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "sizeBytes": path.stat().st_size}
    for folder in (artifact, evaluation)
    for path in sorted(folder.rglob("*"))
    if path.is_file()
]
result = {
    "schema": "ziggurat.result/1",
    "command": options.command,
    "files": files,
    "parameters": 1000,
    "tokens": 300,
    "seconds": 3.0,
    "tokensPerSecond": 100.0,
    "loss": None,
    "evaluations": evaluations,
    "environment": {"pid": str(os.getpid())},
}
(out / "result.tmp").write_text(json.dumps(result))
(out / "result.tmp").replace(out / "result.json")
