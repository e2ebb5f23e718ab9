"""Text to tokens and back, and the chat template between messages and text.

Reads any `tokenizer.json`; trains a byte-level BPE of its own for models that start from nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from .failures import Failure

PAD, BEGIN, END = "<|pad|>", "<|begin|>", "<|end|>"
ROLES = ("system", "user", "assistant")
SPECIAL = (PAD, BEGIN, END, *(f"<|{role}|>" for role in ROLES))
CHAT_TEMPLATE = (
    "{%- for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}{%- endfor %}"
    "{%- if add_generation_prompt %}{{ '<|assistant|>' }}{%- endif %}"
)
# Words with their leading blank, runs of letters, single digits, runs of signs, runs of blanks.
_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
FILES = (
    "tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "special_tokens_map.json", "added_tokens.json",
    "vocab.json", "merges.txt", "generation_config.json",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Codec:
    """A tokenizer with what surrounds it in a model folder."""

    tokenizer: Tokenizer
    template: str | None
    """Jinja chat template, where the model has one."""
    special: dict[str, str]
    """Special tokens by the names the template knows them under."""
    begin: int | None
    """Token every text row starts with."""
    end: int
    """Token every text row ends with."""
    stops: tuple[int, ...]
    """Tokens that end an answer."""

    @staticmethod
    def load(folder: Path) -> Codec:
        """Reads the tokenizer of a model folder; raises `bad_base` when it has none that can be used."""
        try:
            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # the library raises bare Exception
            raise Failure("bad_base", f"tokenizer.json cannot be used: {error}") from error
        config = _json(folder / "tokenizer_config.json")
        generation = _json(folder / "generation_config.json")
        special = {key: _content(value) for key, value in config.items() if key.endswith("_token") and value}
        template_file = folder / "chat_template.jinja"
        template = template_file.read_text(encoding="utf-8") if template_file.exists() else config.get("chat_template")
        ends = generation.get("eos_token_id", [])
        ends = list(ends) if isinstance(ends, list) else [ends]
        named_end = tokenizer.token_to_id(special.get("eos_token", END))
        end = named_end if named_end is not None else (ends[0] if ends else None)
        if end is None:
            raise Failure("bad_base", "tokenizer_config.json: eos_token is missing")
        begin = tokenizer.token_to_id(special.get("bos_token", BEGIN))
        template = template if isinstance(template, str) else None
        return Codec(
            tokenizer=tokenizer, template=template, special=special, begin=begin, end=end, stops=tuple({*ends, end})
        )

    def encode(self, texts: list[str]) -> list[list[int]]:
        return [encoding.ids for encoding in self.tokenizer.encode_batch_fast(texts, add_special_tokens=False)]

    def decode(self, ids: list[list[int]]) -> list[str]:
        return self.tokenizer.decode_batch(ids, skip_special_tokens=True)

    def render(self, messages: list[dict[str, str]], prompt: bool) -> str:
        """Messages as the model reads them; `prompt` ends where the assistant is to speak."""
        return self._compiled.render(messages=messages, add_generation_prompt=prompt, **self.special)

    @cached_property
    def _compiled(self) -> Any:
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        if self.template is None:
            raise Failure("bad_base", "the base has no chat template, so chat rows cannot be read")
        environment = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
        )
        environment.globals["raise_exception"] = _raise
        try:
            return environment.from_string(self.template)
        except Exception as error:
            raise Failure("bad_base", f"the chat template cannot be used: {error}") from error


def train(texts: Iterator[str], vocab_size: int) -> Tokenizer:
    """Byte-level BPE: any text can be written in it, whatever it was trained on."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(pattern=_regex(_SPLIT), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=list(SPECIAL),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def save(tokenizer: Tokenizer, folder: Path, max_positions: int) -> None:
    """Writes the tokenizer files of a model that started here."""
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": BEGIN,
        "eos_token": END,
        "pad_token": PAD,
        "model_max_length": max_positions,
        "clean_up_tokenization_spaces": False,
        "chat_template": CHAT_TEMPLATE,
    }
    generation = {
        "bos_token_id": tokenizer.token_to_id(BEGIN),
        "eos_token_id": tokenizer.token_to_id(END),
        "pad_token_id": tokenizer.token_to_id(PAD),
        "do_sample": False,
    }
    for name, content in (("tokenizer_config.json", config), ("generation_config.json", generation)):
        (folder / name).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def copy(base: Path, folder: Path) -> None:
    """Takes the tokenizer files of the base along."""
    for name in FILES:
        if (base / name).is_file():
            (folder / name).write_bytes((base / name).read_bytes())


def _regex(pattern: str) -> Any:
    from tokenizers import Regex

    return Regex(pattern)


def _json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise Failure("bad_base", f"{path.name}: not JSON: {error}") from error
    if not isinstance(value, dict):
        raise Failure("bad_base", f"{path.name}: expected an object")
    return value


def _content(token: Any) -> str:
    return token["content"] if isinstance(token, dict) else str(token)


def _raise(message: str) -> None:
    raise ValueError(message)
