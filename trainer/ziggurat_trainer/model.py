"""A Qwen3-shaped decoder that runs rows of unequal length without padding.

Modules carry the names Hugging Face gives them, so weights load and save unchanged and peft finds its targets.
Why not the class in transformers: on a CPU it spends about half its time on padding, unfused norms and logits nobody
asked for, and importing it costs more than most demo evaluations.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .failures import Failure


@dataclass(frozen=True, kw_only=True)
class Config:
    """The facts of a Qwen3 `config.json` that the forward pass depends on."""

    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    head_dim: int
    max_position_embeddings: int
    rms_norm_eps: float = 1e-6
    rope_theta: float = 1_000_000.0
    tie_word_embeddings: bool = True
    initializer_range: float = 0.02

    @staticmethod
    def read(raw: dict) -> Config:
        """Takes a parsed `config.json`; refuses what this decoder would silently compute wrongly."""
        rope = raw.get("rope_parameters") or raw.get("rope_scaling") or {}
        unsupported = [
            key
            for key, holds in {
                "hidden_act": raw.get("hidden_act", "silu") == "silu",
                "attention_bias": not raw.get("attention_bias", False),
                "use_sliding_window": not raw.get("use_sliding_window", False),
                "rope": rope.get("rope_type", rope.get("type", "default")) == "default",
            }.items()
            if not holds
        ]
        if unsupported:
            raise Failure("bad_base", f"config.json: unsupported setting of {', '.join(unsupported)}")
        known = {name: raw[name] for name in Config.__dataclass_fields__ if name in raw}
        theta = rope.get("rope_theta", raw.get("rope_theta", 1_000_000.0))
        try:
            return Config(**{**known, "rope_theta": float(theta)})
        except TypeError as error:
            raise Failure("bad_base", f"config.json: {error}") from error


@dataclass(frozen=True)
class Group:
    """Rows of like length whose attention is computed together, padded to the longest of them."""

    gather: Tensor
    """Token index for every cell of the padded rectangle, rows x length; padding cells repeat token 0."""
    scatter: Tensor
    """Cell of the flattened rectangle for every token of the group, in token order."""
    rows: int
    length: int
    is_full: bool
    """Every cell holds a token, in order: the rectangle is a plain view."""


@dataclass(frozen=True)
class Layout:
    """Where each token of a flat batch stands: its position in its row, and with whom it may attend.

    Tokens 0..prefix-1 are a beginning that all rows share; the tails of the rows follow, group by group.
    """

    positions: Tensor
    prefix: int
    groups: tuple[Group, ...]
    masks: tuple[Tensor | None, ...]

    @staticmethod
    def of(lengths: list[int], prefix: int, device: torch.device) -> Layout:
        """Lengths of the tails in token order, longest first."""
        positions = [torch.arange(prefix)]
        groups, masks, start, offset = [], [], 0, prefix
        while start < len(lengths):
            longest = lengths[start]
            end = start
            while end < len(lengths) and 2 * lengths[end] >= longest:
                end += 1
            members = torch.tensor(lengths[start:end])
            cells = torch.arange(longest).expand(len(members), longest)
            real = cells < members[:, None]
            starts = offset + members.cumsum(0) - members
            gather = torch.where(real, starts[:, None] + cells, 0)
            positions.append(prefix + cells[real])
            total = int(members.sum())
            groups.append(
                Group(
                    gather.flatten().to(device),
                    real.flatten().nonzero().flatten().to(device),
                    len(members),
                    longest,
                    total == real.numel(),
                )
            )
            masks.append(_prefix_mask(prefix, longest, device) if prefix else None)
            start, offset = end, offset + total
        return Layout(torch.cat(positions).to(device), prefix, tuple(groups), tuple(masks))


def _prefix_mask(prefix: int, length: int, device: torch.device) -> Tensor:
    return torch.ones(length, prefix + length, dtype=torch.bool, device=device).tril(prefix)


class _Pad(torch.autograd.Function):
    """Tokens to rectangle. Every token sits in one cell, so the gradient is a gather, not a slow scatter-add."""

    @staticmethod
    def forward(ctx, x: Tensor, gather: Tensor, scatter: Tensor, start: int) -> Tensor:
        ctx.save_for_backward(scatter)
        ctx.start, ctx.total = start, x.shape[0]
        return x.index_select(0, gather)

    @staticmethod
    def backward(ctx, grad: Tensor):
        (scatter,) = ctx.saved_tensors
        out = grad.new_zeros(ctx.total, grad.shape[1])
        torch.index_select(grad, 0, scatter, out=out[ctx.start : ctx.start + scatter.numel()])
        return out, None, None, None


class Linear(nn.Linear):
    """Without bias, and without first filling in numbers that a file or `initialise` replaces."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, bias=False)

    def reset_parameters(self) -> None:
        return


class Embedding(nn.Embedding):
    """Likewise."""

    def reset_parameters(self) -> None:
        return


class RMSNorm(nn.Module):
    def __init__(self, size: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, self.weight.shape, self.weight, self.eps)


class Attention(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.heads, self.kv_heads, self.head_dim = (
            config.num_attention_heads,
            config.num_key_value_heads,
            config.head_dim,
        )
        self.q_proj = Linear(config.hidden_size, self.heads * self.head_dim)
        self.k_proj = Linear(config.hidden_size, self.kv_heads * self.head_dim)
        self.v_proj = Linear(config.hidden_size, self.kv_heads * self.head_dim)
        self.o_proj = Linear(self.heads * self.head_dim, config.hidden_size)
        self.q_norm = RMSNorm(self.head_dim, config.rms_norm_eps)
        self.k_norm = RMSNorm(self.head_dim, config.rms_norm_eps)

    def project(self, x: Tensor, rotation: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values of a flat batch, tokens x heads x head_dim, rotated to their positions."""
        tokens = x.shape[0]
        q = self.q_norm(self.q_proj(x).view(tokens, self.heads, self.head_dim))
        k = self.k_norm(self.k_proj(x).view(tokens, self.kv_heads, self.head_dim))
        return rotate(q, rotation), rotate(k, rotation), self.v_proj(x).view(tokens, self.kv_heads, self.head_dim)

    def forward(
        self, x: Tensor, rotation: tuple[Tensor, Tensor], layout: Layout, select: Tensor | None, keep: list | None
    ) -> Tensor:
        q, k, v = self.project(x, rotation)
        if keep is not None:
            keep.append((k, v))
        q, k, v = q.flatten(1), k.flatten(1), v.flatten(1)
        out, p, start = [], layout.prefix, layout.prefix
        if p:
            head = [self._split(t[:p], 1, p) for t in (q, k, v)]
            out.append(self._join(attend(*head, causal=True)))
        for group, mask in zip(layout.groups, layout.masks, strict=True):
            count = group.scatter.numel()
            if group.is_full:
                rows = [self._split(t[start : start + count], group.rows, group.length) for t in (q, k, v)]
            else:
                rows = [
                    self._split(_Pad.apply(t, group.gather, group.scatter, start), group.rows, group.length)
                    for t in (q, k, v)
                ]
            if p:
                rows[1:] = [
                    torch.cat([shared.expand(group.rows, -1, -1, -1), own], dim=2)
                    for shared, own in zip(head[1:], rows[1:], strict=True)
                ]
            mixed = self._join(attend(*rows, mask=mask, causal=mask is None))
            out.append(mixed if group.is_full else _Unpad.apply(mixed, group.scatter))
            start += count
        mixed = torch.cat(out) if len(out) > 1 else out[0]
        return self.o_proj(mixed if select is None else mixed.index_select(0, select))

    def _split(self, x: Tensor, rows: int, length: int) -> Tensor:
        return x.view(rows, length, -1, self.head_dim).transpose(1, 2)

    def _join(self, x: Tensor) -> Tensor:
        return x.transpose(1, 2).reshape(-1, self.heads * self.head_dim)


class _Unpad(torch.autograd.Function):
    """Rectangle to tokens; padding cells get gradient zero."""

    @staticmethod
    def forward(ctx, x: Tensor, scatter: Tensor) -> Tensor:
        ctx.save_for_backward(scatter)
        ctx.cells = x.shape[0]
        return x.index_select(0, scatter)

    @staticmethod
    def backward(ctx, grad: Tensor):
        (scatter,) = ctx.saved_tensors
        return grad.new_zeros(ctx.cells, grad.shape[1]).index_copy_(0, scatter, grad), None


def attend(q: Tensor, k: Tensor, v: Tensor, *, mask: Tensor | None = None, causal: bool = False) -> Tensor:
    """Scaled dot product attention, rows x heads x length x head_dim, keys repeated for grouped queries."""
    repeat = q.shape[1] // k.shape[1]
    if repeat > 1:
        k, v = k.repeat_interleave(repeat, 1), v.repeat_interleave(repeat, 1)
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal)


def rotate(x: Tensor, rotation: tuple[Tensor, Tensor]) -> Tensor:
    """Rotary position embedding in Qwen's half-split form."""
    cos, sin = rotation
    first, second = x.chunk(2, -1)
    return torch.cat([first * cos - second * sin, second * cos + first * sin], -1)


class MLP(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.gate_proj = Linear(config.hidden_size, config.intermediate_size)
        self.up_proj = Linear(config.hidden_size, config.intermediate_size)
        self.down_proj = Linear(config.intermediate_size, config.hidden_size)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Block(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.self_attn = Attention(config)
        self.mlp = MLP(config)
        self.input_layernorm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.post_attention_layernorm = RMSNorm(config.hidden_size, config.rms_norm_eps)

    def forward(
        self, x: Tensor, rotation: tuple[Tensor, Tensor], layout: Layout, select: Tensor | None, keep: list | None
    ) -> Tensor:
        mixed = self.self_attn(self.input_layernorm(x), rotation, layout, select, keep)
        return self.feed((x if select is None else x.index_select(0, select)) + mixed)

    def feed(self, x: Tensor) -> Tensor:
        return x + self.mlp(self.post_attention_layernorm(x))


class Backbone(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.embed_tokens = Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(Block(config) for _ in range(config.num_hidden_layers))
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)


class Decoder(nn.Module):
    """Qwen3ForCausalLM by another road: same names, same weights, same logits."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.model = Backbone(config)
        self.lm_head = Linear(config.hidden_size, config.vocab_size)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.model.embed_tokens.weight

    def initialise(self, generator: torch.Generator) -> None:
        """Fresh weights as Qwen3 starts from: normal with `initializer_range`, norms at one."""
        with torch.no_grad():
            for parameter in self.parameters():
                if parameter.dim() > 1:
                    parameter.normal_(0.0, self.config.initializer_range, generator=generator)

    @property
    def network(self) -> nn.Module:
        """The module adapters are put into."""
        return self

    @property
    def vocab_size(self) -> int:
        return self.config.vocab_size

    def weights(self) -> dict[str, Tensor]:
        """Tensors by their Hugging Face names."""
        return self.state_dict()

    def untie(self) -> None:
        """Gives the head a matrix of its own, equal to the embeddings so far."""
        self.lm_head.weight = nn.Parameter(self.model.embed_tokens.weight.detach().clone())

    def rotation(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        half = torch.arange(0, self.config.head_dim, 2, dtype=torch.float32, device=positions.device)
        angle = positions.float()[:, None, None] * self.config.rope_theta ** (-half / self.config.head_dim)
        return angle.cos(), angle.sin()

    def forward(self, tokens: Tensor, layout: Layout, select: Tensor | None = None, keep: list | None = None) -> Tensor:
        """Hidden states of a flat batch, tokens x hidden; with `select` of those tokens alone.

        The last layer only mixes what the selected tokens need. `keep` collects each layer's keys and values.
        """
        x = self.model.embed_tokens(tokens)
        rotation = self.rotation(layout.positions)
        last = len(self.model.layers) - 1
        for index, layer in enumerate(self.model.layers):
            x = layer(x, rotation, layout, select if index == last else None, keep)
        return self.model.norm(x)
