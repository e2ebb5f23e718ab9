"""Folding an adapter into the weights of its base."""

from __future__ import annotations

from pathlib import Path

from .artifact import Model, read_json, read_weights, weight_files
from .failures import Failure

_WEIGHTS = "adapter_model.safetensors"


def merge_adapter(model: Model, folder: Path) -> None:
    """Applies the adapter in place. A tied head is untied first where one end of the tie is adapted."""
    if not folder.is_dir():
        raise Failure("bad_base", "adapter: no such folder")
    settings = read_json(folder / "adapter_config.json")
    weight_files(folder, _WEIGHTS)
    from peft import LoraConfig, set_peft_model_state_dict

    from .methods.lora import wrap

    if settings.get("peft_type") != "LORA":
        raise Failure("bad_base", f"adapter_config.json: peft_type {settings.get('peft_type')} is not LORA")
    try:
        config = LoraConfig.from_pretrained(str(folder))
        config.inference_mode, config.task_type = True, None
        touched = set(config.target_modules or []) & {"embed_tokens", "lm_head"}
        if touched and model.config.get("tie_word_embeddings"):
            model.decoder.untie()
            model.config["tie_word_embeddings"] = False
        wrapped = wrap(model, config)
        outcome = set_peft_model_state_dict(wrapped, read_weights(folder, _WEIGHTS))
    except Failure:
        raise
    except Exception as error:  # peft raises many kinds for an adapter that does not fit
        raise Failure("bad_base", f"the adapter does not fit the base: {error}") from error
    missing = [name for name in outcome.missing_keys if "lora_" in name]
    if missing or outcome.unexpected_keys:
        raise Failure("bad_base", f"the adapter does not fit the base: {(missing or outcome.unexpected_keys)[0]}")
    wrapped.merge_and_unload()
    model.decoder.requires_grad_(True)
