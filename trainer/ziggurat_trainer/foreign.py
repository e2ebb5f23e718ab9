"""Decoders of other families, run by transformers behind the same interface as our own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from .artifact import weight_files
from .failures import Failure
from .model import Layout


class Foreign(nn.Module):
    """A causal model of transformers that takes flat batches."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    @property
    def vocab_size(self) -> int:
        return self.network.config.vocab_size

    def lm_head(self, hidden: Tensor) -> Tensor:
        return self.network.get_output_embeddings()(hidden)

    def weights(self) -> dict[str, Tensor]:
        return self.network.state_dict()

    def untie(self) -> None:
        head = self.network.get_output_embeddings()
        head.weight = nn.Parameter(head.weight.detach().clone())
        self.network.config.tie_word_embeddings = False

    def forward(self, tokens: Tensor, layout: Layout, select: Tensor | None = None) -> Tensor:
        """Each group becomes a right-padded rectangle; causal attention never looks at padding on the right."""
        prefix, start, pieces = layout.prefix, layout.prefix, []
        if prefix:
            pieces.append(self._run(tokens[None, :prefix])[0])
        for group in layout.groups:
            rectangle = tokens[group.gather].view(group.rows, group.length)
            rows = torch.cat([tokens[:prefix].expand(group.rows, prefix), rectangle], 1)
            hidden = self._run(rows)[:, prefix:]
            pieces.append(hidden.flatten(0, 1).index_select(0, group.scatter))
            start += len(group.scatter)
        flat = torch.cat(pieces)
        return flat if select is None else flat.index_select(0, select)

    def _run(self, rows: Tensor) -> Tensor:
        return self.network.get_decoder()(input_ids=rows, use_cache=False).last_hidden_state

    def generate(
        self, prompts: list[np.ndarray], limit: int, stops: tuple[int, ...], device: torch.device
    ) -> list[list[int]]:
        """Greedy answers; prompts are padded on the left."""
        width = max(map(len, prompts))
        ids = torch.full((len(prompts), width), stops[0])
        mask = torch.zeros_like(ids)
        for index, prompt in enumerate(prompts):
            ids[index, width - len(prompt) :] = torch.from_numpy(prompt)
            mask[index, width - len(prompt) :] = 1
        out = self.network.generate(
            input_ids=ids.to(device),
            attention_mask=mask.to(device),
            max_new_tokens=limit,
            do_sample=False,
            eos_token_id=list(stops),
            pad_token_id=stops[0],
        )
        answers = out[:, width:].tolist()
        return [
            answer[: next((at for at, token in enumerate(answer) if token in stops), len(answer))] for answer in answers
        ]


def load_foreign(folder: Path, config: dict[str, Any]) -> Foreign:
    """Loads safetensors and code of the library only; a base that brings code of its own is refused."""
    if "auto_map" in config:
        raise Failure("bad_base", "config.json: auto_map asks to run code of the base, which is never done")
    weight_files(folder)
    from transformers import AutoModelForCausalLM

    try:
        network = AutoModelForCausalLM.from_pretrained(
            folder, dtype=torch.float32, use_safetensors=True, trust_remote_code=False, local_files_only=True
        )
    except Exception as error:  # the library raises many kinds for a folder it cannot use
        raise Failure("bad_base", f"transformers cannot load the base: {error}") from error
    return Foreign(network)
