"""Training a low-rank adapter on a frozen base, by peft."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import torch

from ..artifact import Model, load, read_json, read_weights, save_weights
from ..failures import Failure
from ..spec import Spec


def build(spec: Spec) -> Model:
    """The base with fresh adapters in it, or with those of its adapter to go on from."""
    from peft import LoraConfig, set_peft_model_state_dict

    assert spec.base is not None
    assert spec.lora is not None
    model = load(spec, spec.base, apply_adapter=False)
    torch.manual_seed(spec.seed)
    lora = spec.lora
    settings = LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=list(lora.target_modules),
    )
    wrapped = wrap(model, settings)
    if spec.base.adapter_path:
        folder = spec.locate(spec.base.adapter_path)
        given = read_json(folder / "adapter_config.json")
        if (given.get("r"), sorted(given.get("target_modules") or [])) != (lora.rank, sorted(lora.target_modules)):
            raise Failure("bad_base", "the adapter to go on from has another rank or other target modules")
        set_peft_model_state_dict(wrapped, read_weights(folder, "adapter_model.safetensors"))
    model.adapter = wrapped
    return model


def wrap(model: Model, settings: Any) -> Any:
    """Puts adapters into the model. peft warns of tied embeddings; `merge_adapter` unties them where that matters."""
    from peft import get_peft_model

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Model (with|has) `tie_word_embeddings=True`")
        return get_peft_model(model.decoder.network, settings)


def save(model: Model, spec: Spec, folder: Path) -> int:
    """Writes adapter weights and configuration in peft's layout; returns the number of parameters."""
    from peft import get_peft_model_state_dict

    assert spec.lora is not None
    folder.mkdir(parents=True, exist_ok=True)
    wrapped = model.adapter
    tensors = get_peft_model_state_dict(wrapped, save_embedding_layers=False)
    save_weights(
        {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()},
        folder / "adapter_model.safetensors",
    )
    settings = wrapped.peft_config["default"].to_dict()
    # A path of this machine means nothing elsewhere; which base it is stands in the derivation.
    plain = {
        **{key: sorted(value) if isinstance(value, set) else value for key, value in settings.items()},
        "base_model_name_or_path": None,
        "task_type": "CAUSAL_LM",
        "inference_mode": True,
        "target_modules": sorted(spec.lora.target_modules),
    }
    (folder / "adapter_config.json").write_text(json.dumps(plain, indent=2, default=str) + "\n", encoding="utf-8")
    return sum(tensor.numel() for tensor in tensors.values())
