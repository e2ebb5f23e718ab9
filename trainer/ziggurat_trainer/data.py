"""Rows of JSONL files, as text and as tokens. A row that cannot be used is refused with its file and line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .failures import Failure
from .spec import Dataset, Spec
from .tokenizer import ROLES, Codec


@dataclass(frozen=True)
class Row:
    """Tokens of one row (or of one piece of a long text) and which of them are to be learnt."""

    ids: np.ndarray
    learn: np.ndarray

    @property
    def inputs(self) -> int:
        """Tokens the model reads: all but the last."""
        return len(self.ids) - 1


Message = dict[str, str]


def read_texts(spec: Spec, dataset: Dataset) -> Iterator[str]:
    """The texts of a text dataset."""
    for number, row in _lines(spec, dataset):
        text = row.get("text")
        if not isinstance(text, str) or not text.strip():
            raise _bad(dataset, number, "text: expected a string that is not blank")
        yield _clean(dataset, number, text)


def read_chats(spec: Spec, dataset: Dataset) -> Iterator[list[Message]]:
    """The messages of a chat dataset: an optional system turn, then user and assistant in turn, the assistant last."""
    for number, row in _lines(spec, dataset):
        messages = row.get("messages")
        if not isinstance(messages, list) or not messages:
            raise _bad(dataset, number, "messages: expected a list with at least one turn")
        messages = [_message(dataset, number, index, each) for index, each in enumerate(messages)]
        roles = [each["role"] for each in messages]
        turns = roles[1:] if roles[0] == "system" else roles
        if not turns or len(turns) % 2 or turns != ["user", "assistant"] * (len(turns) // 2):
            raise _bad(
                dataset,
                number,
                f"messages: roles must alternate user, assistant and end with assistant, got {', '.join(roles)}",
            )
        yield messages


def all_texts(spec: Spec) -> Iterator[str]:
    """Every text a tokenizer can learn from."""
    for dataset in spec.datasets:
        if dataset.format == "text":
            yield from read_texts(spec, dataset)
        else:
            for messages in read_chats(spec, dataset):
                yield from (message["content"] for message in messages)


def training_rows(spec: Spec, codec: Codec, longest: int, *, answers_only: bool) -> list[Row]:
    """All rows of all datasets, one after the other. `answers_only` learns only what the assistant says."""
    rows: list[Row] = []
    for dataset in spec.datasets:
        if dataset.format == "text":
            rows += [piece for row in text_rows(codec, list(read_texts(spec, dataset))) for piece in cut(row, longest)]
        else:
            rows += [clip(row, longest) for row in chat_rows(codec, list(read_chats(spec, dataset)), answers_only)]
    return rows


def text_rows(codec: Codec, texts: list[str]) -> list[Row]:
    """Texts between the begin and the end token; every token but the first is learnt."""
    begin = [] if codec.begin is None else [codec.begin]
    rows = []
    for ids in codec.encode(texts):
        whole = np.array([*begin, *ids, codec.end], dtype=np.int64)
        learn = np.ones(len(whole), dtype=bool)
        learn[0] = False
        rows.append(Row(whole, learn))
    return rows


def chat_rows(codec: Codec, chats: list[list[Message]], answers_only: bool) -> list[Row]:
    """Rendered chats. Each stretch is tokenized by itself, so that a prompt has the same tokens at generation."""
    pieces: list[str] = []
    learnt: list[list[bool]] = []
    for messages in chats:
        stretches = _stretches(codec, messages)
        pieces += [text for text, _ in stretches]
        learnt.append([is_answer or not answers_only for _, is_answer in stretches])
    encoded = iter(codec.encode(pieces))
    rows = []
    for flags in learnt:
        parts = [(next(encoded), flag) for flag in flags]
        learn = np.array([flag for ids, flag in parts for _ in ids], dtype=bool)
        learn[0] = False
        rows.append(Row(np.array([token for ids, _ in parts for token in ids], dtype=np.int64), learn))
    return rows


def prompts(codec: Codec, chats: list[list[Message]], longest: int) -> list[np.ndarray]:
    """Chats up to where the last assistant turn begins; long ones lose their beginning."""
    stretches = [_stretches(codec, messages)[:-1] for messages in chats]
    encoded = iter(codec.encode([text for each in stretches for text, _ in each]))
    return [np.array([token for _ in each for token in next(encoded)], dtype=np.int64)[-longest:] for each in stretches]


def cut(row: Row, longest: int) -> list[Row]:
    """Pieces of at most `longest` inputs; the last token of one opens the next, so that each is learnt once."""
    return [
        Row(row.ids[start : start + longest + 1], _first_unlearnt(row.learn[start : start + longest + 1]))
        for start in range(0, row.inputs, longest)
    ]


def clip(row: Row, longest: int) -> Row:
    """The end of a row, where the answer stands."""
    return row if row.inputs <= longest else Row(row.ids[-longest - 1 :], _first_unlearnt(row.learn[-longest - 1 :]))


def _first_unlearnt(learn: np.ndarray) -> np.ndarray:
    learn = learn.copy()
    learn[0] = False
    return learn


def _stretches(codec: Codec, messages: list[Message]) -> list[tuple[str, bool]]:
    """The rendered chat cut at the beginning and end of every assistant turn: (text, is it an answer)."""
    try:
        whole = codec.render(messages, prompt=False)
        done, stretches = 0, []
        for index, message in enumerate(messages):
            if message["role"] != "assistant":
                continue
            before = codec.render(messages[:index], prompt=True)
            after = codec.render(messages[: index + 1], prompt=False)
            if whole.startswith(before) and whole.startswith(after) and len(before) < len(after):
                stretches += [(whole[done : len(before)], False), (whole[len(before) : len(after)], True)]
                done = len(after)
    except Failure:
        raise
    except Exception as error:  # templates run code of their own
        raise Failure("bad_base", f"the chat template refuses the rows: {error}") from error
    if done != len(whole) or not stretches:
        raise Failure("bad_base", "the chat template does not render turns one after the other")
    return stretches


def _lines(spec: Spec, dataset: Dataset) -> Iterator[tuple[int, dict[str, Any]]]:
    number = 0
    try:
        with spec.locate(dataset.path).open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    row = json.loads(line.decode("utf-8"))
                except (ValueError, RecursionError) as error:
                    raise _bad(dataset, number, f"not JSON: {error}") from error
                if not isinstance(row, dict):
                    raise _bad(dataset, number, "expected an object")
                yield number, row
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError) as error:
        raise Failure("bad_data", f"{dataset.ref} ({dataset.path}): cannot be read: {error.strerror}") from error
    if number == 0:
        raise Failure("bad_data", f"{dataset.ref} ({dataset.path}): no rows")


def _message(dataset: Dataset, number: int, index: int, raw: Any) -> Message:
    if not isinstance(raw, dict) or raw.get("role") not in ROLES:
        raise _bad(dataset, number, f"messages.{index}: role must be one of {', '.join(ROLES)}")
    if not isinstance(raw.get("content"), str) or not raw["content"].strip():
        raise _bad(dataset, number, f"messages.{index}: content must be a string that is not blank")
    return {"role": raw["role"], "content": _clean(dataset, number, raw["content"])}


def _clean(dataset: Dataset, number: int, text: str) -> str:
    """Lone surrogates are valid JSON but no text."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _bad(dataset, number, f"not Unicode text: {error.reason}") from error
    return text


def _bad(dataset: Dataset, number: int, problem: str) -> Failure:
    return Failure("bad_data", f"{dataset.ref} ({dataset.path}) line {number}: {problem}")
