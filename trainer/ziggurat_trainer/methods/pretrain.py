"""Pre-training from nothing: a tokenizer of its own and a Qwen3-shaped model with random weights."""

from __future__ import annotations

import json
from pathlib import Path

import torch

from .. import tokenizer
from ..artifact import Model
from ..data import all_texts
from ..failures import Failure
from ..model import Config, Decoder
from ..spec import Spec
from ..tokenizer import BEGIN, END, PAD, Codec


def build(spec: Spec, scratch: Path) -> Model:
    """The tokenizer is trained once per job; a resumed run finds it in the scratch folder."""
    start = spec.start
    assert start is not None
    marker, job = scratch / "job.json", json.dumps(spec.fingerprint())
    if not marker.is_file() or marker.read_text(encoding="utf-8") != job:
        scratch.mkdir(parents=True, exist_ok=True)
        marker.unlink(missing_ok=True)
        trained = tokenizer.train(all_texts(spec), start.vocab_size)
        tokenizer.save(trained, scratch, start.architecture.max_positions)
        marker.write_text(job, encoding="utf-8")
    codec = Codec.load(scratch)
    config = _config(spec, codec)
    decoder = Decoder(Config.read(config))
    decoder.initialise(torch.Generator().manual_seed(spec.seed))
    return Model(decoder, config, codec, scratch)


def _config(spec: Spec, codec: Codec) -> dict:
    """The `config.json` of the new model."""
    start = spec.start
    assert start is not None
    shape = start.architecture
    vocabulary = codec.tokenizer.get_vocab()
    if len(vocabulary) > start.vocab_size:
        raise Failure("bad_spec", f"hyperparameters.vocabSize: the alphabet alone needs {len(vocabulary)}")
    return {
        "architectures": ["Qwen3ForCausalLM"],
        "model_type": "qwen3",
        "dtype": "float32",
        "vocab_size": len(vocabulary),
        "hidden_size": shape.hidden_size,
        "intermediate_size": shape.intermediate_size,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.kv_heads,
        "head_dim": shape.head_dim,
        "max_position_embeddings": shape.max_positions,
        "hidden_act": "silu",
        "attention_bias": False,
        "attention_dropout": 0.0,
        "initializer_range": 0.02,
        "rms_norm_eps": 1e-6,
        "rope_theta": 10_000.0,
        "tie_word_embeddings": shape.tie_embeddings,
        "use_cache": True,
        "use_sliding_window": False,
        "bos_token_id": vocabulary[BEGIN],
        "eos_token_id": vocabulary[END],
        "pad_token_id": vocabulary[PAD],
    }
