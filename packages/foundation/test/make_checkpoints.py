"""Writes tiny checkpoints of many families, and adapters, as transformers and peft write them. Usage: make_checkpoints.py FOLDER"""

import json
import sys
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoConfig

TINY = {
    "vocab_size": 64, "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2, "max_position_embeddings": 64,
}
FAMILIES = {
    "llama": {},
    "qwen2": {},
    "qwen3": {"head_dim": 4, "tie_word_embeddings": True},
    "mistral": {},
    "glm": {"head_dim": 4, "pad_token_id": 0},
    "gemma": {"head_dim": 4},
    "gpt_neox": {},
    "bloom": {"n_layer": 2, "n_head": 4},
    "mixtral": {"num_local_experts": 4},
}
TARGETS = {"gpt_neox": ["query_key_value"], "bloom": ["query_key_value"]}


def main(folder: Path) -> None:
    facts = {}
    for family, more in FAMILIES.items():
        torch.manual_seed(0)
        config = AutoConfig.for_model(family, **{**TINY, **more})
        model = AutoModelForCausalLM.from_config(config)
        place = folder / family
        # Small shards, so that every family but the smallest is written with an index.
        model.save_pretrained(place, max_shard_size="8KB")
        parameters = sum(parameter.numel() for parameter in model.parameters())
        wrapped = get_peft_model(model, LoraConfig(r=2, lora_alpha=4, target_modules=TARGETS.get(family, ["q_proj", "v_proj"])))
        wrapped.save_pretrained(folder / f"{family}-untrained")
        for name, parameter in wrapped.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(parameter)
        wrapped.save_pretrained(folder / f"{family}-adapter")
        facts[family] = {"parameters": parameters}
    print(json.dumps(facts))


main(Path(sys.argv[1]))
