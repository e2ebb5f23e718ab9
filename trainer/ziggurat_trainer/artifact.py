"""Model folders in Hugging Face layout: reading a base, writing what was made. Safetensors only, never a pickle."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from . import tokenizer
from .failures import Failure
from .model import Config, Decoder
from .spec import Base, Spec
from .tokenizer import Codec

_PICKLES = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt")
_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


@dataclass
class Model:
    """A decoder with all that belongs to it in a folder."""

    decoder: Any
    config: dict[str, Any]
    codec: Codec
    folder: Path
    """Where tokenizer files are copied from."""
    adapter: Any = None
    """peft's wrapper while an adapter is trained."""

    @property
    def parameters(self) -> int:
        return sum(parameter.numel() for parameter in self.decoder.parameters())


def load(spec: Spec, base: Base, *, apply_adapter: bool = True) -> Model:
    """The base of a spec, its adapter merged in unless told otherwise; raises `bad_base`."""
    folder = spec.locate(base.path)
    if not folder.is_dir():
        raise Failure("bad_base", f"{base.path}: no such folder")
    config = read_json(folder / "config.json")
    codec = Codec.load(folder)
    if config.get("model_type") == "qwen3":
        model = Model(load_decoder(folder, config), config, codec, folder)
    else:
        from .foreign import load_foreign

        model = Model(load_foreign(folder, config), config, codec, folder)
    if len(codec.tokenizer.get_vocab()) > config.get("vocab_size", 0):
        raise Failure("bad_base", "tokenizer.json knows more tokens than config.json allows")
    if base.adapter_path and apply_adapter:
        from .merge import merge_adapter

        merge_adapter(model, spec.locate(base.adapter_path))
    return model


def save(model: Model, folder: Path) -> None:
    """Writes full weights with configuration and tokenizer; `AutoModelForCausalLM.from_pretrained` reads the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(model.config, indent=2) + "\n", encoding="utf-8")
    tokenizer.copy(model.folder, folder)
    save_weights(weights_of(model), folder / "model.safetensors")


def weights_of(model: Model) -> dict[str, torch.Tensor]:
    """Weights by their Hugging Face names, in the precision of the configuration; a tied head is left out."""
    named = model.config.get("dtype") or model.config.get("torch_dtype") or "float32"
    dtype = _DTYPES.get(str(named).removeprefix("torch."), torch.float32)
    tied = model.config.get("tie_word_embeddings", False)
    return {
        name: tensor.detach().to("cpu", dtype).contiguous()
        for name, tensor in model.decoder.weights().items()
        if not (tied and name == "lm_head.weight")
    }


def save_weights(tensors: dict[str, torch.Tensor], path: Path) -> None:
    save_file(tensors, path, metadata={"format": "pt"})


def read_json(path: Path) -> dict[str, Any]:
    """A configuration file of a base, refused in words when it is none."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Failure("bad_base", f"{path.name}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise Failure("bad_base", f"{path.name}: not JSON: {error}") from error
    if not isinstance(value, dict):
        raise Failure("bad_base", f"{path.name}: expected an object")
    return value


def read_weights(folder: Path, single: str = "model.safetensors") -> dict[str, torch.Tensor]:
    """All tensors of a folder, from one file or from the shards of an index."""
    tensors: dict[str, torch.Tensor] = {}
    for name in weight_files(folder, single):
        try:
            tensors.update(load_file(folder / name))
        except (SafetensorError, OSError) as error:
            raise Failure("bad_base", f"{name}: not a safetensors file: {error}") from error
    return tensors


def weight_files(folder: Path, single: str = "model.safetensors") -> list[str]:
    """Names of the safetensors files that hold the weights; a folder that has only pickles is refused."""
    if (folder / single).is_file():
        return [single]
    index = folder / f"{single}.index.json"
    if index.is_file():
        mapping = read_json(index).get("weight_map")
        names = sorted(set(mapping.values())) if isinstance(mapping, dict) else []
        if names and all(
            isinstance(name, str) and Path(name).name == name and name.endswith(".safetensors") for name in names
        ):
            return names
        raise Failure("bad_base", f"{index.name}: expected weight_map with .safetensors files of this folder")
    pickles = [path.name for path in sorted(folder.iterdir()) if path.suffix in _PICKLES]
    if pickles:
        raise Failure(
            "bad_base", f"{', '.join(pickles)}: pickled weights are never loaded, convert them to safetensors"
        )
    raise Failure("bad_base", f"{single}: missing")


def load_decoder(folder: Path, raw: dict[str, Any]) -> Decoder:
    """Our own decoder with the weights of a folder; names every tensor that does not fit."""
    config = Config.read(raw)
    with torch.device("meta"):
        decoder = Decoder(config)
    tensors = {name: tensor.float() for name, tensor in read_weights(folder).items()}
    if config.tie_word_embeddings:
        tensors.pop("lm_head.weight", None)
    wanted = {name: parameter.shape for name, parameter in decoder.weights().items()}
    if config.tie_word_embeddings:
        wanted.pop("lm_head.weight")
    problems = [f"{name} is missing" for name in wanted if name not in tensors]
    problems += [f"{name} is unknown" for name in tensors if name not in wanted]
    problems += [
        f"{name} is {list(tensor.shape)}, expected {list(wanted[name])}"
        for name, tensor in tensors.items()
        if name in wanted and tensor.shape != wanted[name]
    ]
    if problems:
        raise Failure("bad_base", f"weights do not fit config.json: {'; '.join(problems[:10])}")
    if config.tie_word_embeddings:
        tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"]
    decoder.load_state_dict(tensors, assign=True)
    for parameter in decoder.parameters():
        parameter.requires_grad_(True)
    if config.tie_word_embeddings:
        decoder.lm_head.weight = decoder.model.embed_tokens.weight
    return decoder
