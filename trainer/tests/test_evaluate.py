from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

from .builders import CHATS, TEXTS, a_dataset, metric, result, run_job


def greedy(model, tokenizer: Tokenizer, user: str, limit: int) -> list[int]:
    """The slow and plain way to an answer."""
    prompt = f"<|system|>Answer with one label, please.<|end|><|user|>{user}<|end|><|assistant|>"
    ids = tokenizer.encode(prompt).ids
    answer: list[int] = []
    while len(answer) < limit:
        token = model(torch.tensor([[*ids, *answer]])).logits[0, -1].argmax().item()
        if token == 2:
            break
        answer.append(token)
    return answer


def items(out: Path, index: int) -> list[dict]:
    return [
        json.loads(line)
        for line in (out / "evaluation" / f"items-{index}.jsonl").read_text(encoding="utf-8").splitlines()
    ]


@pytest.fixture(scope="module")
def tuned(home: Path) -> Path:
    """A model that answers, tuned till it is right now and then."""
    out = run_job(home, "full", "tuned", hyperparameters={"epochs": 40, "learningRate": 0.01})
    if not (home / "tuned-model").exists():
        shutil.copytree(out / "artifact", home / "tuned-model")
    return home


def test_perplexity_is_that_of_a_plain_computation(tuned: Path) -> None:
    out = run_job(tuned, "evaluate", "naive", datasets=[a_dataset("texts")], hyperparameters={"batchSize": 7})
    model = AutoModelForCausalLM.from_pretrained(tuned / "base")
    tokenizer = Tokenizer.from_file(str(tuned / "base" / "tokenizer.json"))
    nll, tokens = 0.0, 0
    for text, item in zip(TEXTS, items(out, 0), strict=True):
        ids = torch.tensor([[1, *tokenizer.encode(text, add_special_tokens=False).ids, 2]])
        loss = torch.nn.functional.cross_entropy(model(ids).logits[0, :-1], ids[0, 1:], reduction="sum").item()
        assert item["nll"] == pytest.approx(loss, rel=1e-4)
        assert item["tokens"] == ids.shape[1] - 1
        nll, tokens = nll + loss, tokens + ids.shape[1] - 1
    (evaluation,) = result(out)["evaluations"]
    assert evaluation["metrics"]["perplexity"] == pytest.approx(math.exp(nll / tokens), rel=1e-4)
    assert (evaluation["rows"], evaluation["items"]) == (len(TEXTS), "items-0.jsonl")


def test_a_text_longer_than_the_window_is_counted_once(tuned: Path) -> None:
    (tuned / "long.jsonl").write_text(json.dumps({"text": " ".join(TEXTS[:12])}) + "\n", encoding="utf-8")
    whole, cut = (
        items(run_job(tuned, "evaluate", name, datasets=[a_dataset("texts", "long.jsonl")], hyperparameters=how), 0)[0]
        for name, how in (("whole", {"sequenceLength": 2048}), ("cut", {"sequenceLength": 16}))
    )
    assert whole["tokens"] == cut["tokens"] > 100
    assert cut["nll"] > whole["nll"]


def test_answers_are_those_of_a_plain_greedy_loop(tuned: Path) -> None:
    out = run_job(
        tuned,
        "evaluate",
        "greedy",
        base={"path": "tuned-model", "adapterPath": None},
        datasets=[a_dataset("chats")],
        hyperparameters={"batchSize": 5, "maxNewTokens": 12},
    )
    model = AutoModelForCausalLM.from_pretrained(tuned / "tuned-model")
    tokenizer = Tokenizer.from_file(str(tuned / "tuned-model" / "tokenizer.json"))
    right = 0
    for (user, label), item in zip(CHATS, items(out, 0), strict=True):
        assert item["output"] == tokenizer.decode(greedy(model, tokenizer, user, 12))
        assert item["expected"] == label
        assert item["correct"] == (item["output"].strip() == label)
        right += item["correct"]
    assert right > 0
    assert result(out)["evaluations"][0]["metrics"]["exactMatch"] == right / len(CHATS)


def test_a_llama_runs_by_transformers_with_the_same_scores(tuned: Path) -> None:
    folder = tuned / "llama"
    shutil.copytree(tuned / "base", folder)
    vocabulary = json.loads((folder / "config.json").read_text(encoding="utf-8"))["vocab_size"]
    torch.manual_seed(0)
    shape = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4}
    LlamaForCausalLM(LlamaConfig(vocab_size=vocabulary, eos_token_id=2, **shape)).save_pretrained(folder)
    shutil.copy(tuned / "base" / "generation_config.json", folder)
    llama = {"base": {"path": "llama", "adapterPath": None}, "threads": 1}
    trained = run_job(tuned, "full", "llama-full", hyperparameters={"epochs": 5, "logEverySteps": 1}, **llama)
    losses = metric(trained, "loss")
    assert losses[-1] < losses[0]
    shutil.copytree(trained / "artifact", tuned / "llama-tuned")
    llama["base"] = {"path": "llama-tuned", "adapterPath": None}
    out = run_job(tuned, "evaluate", "llama-scores", hyperparameters={"batchSize": 5, "maxNewTokens": 6}, **llama)
    model = AutoModelForCausalLM.from_pretrained(tuned / "llama-tuned")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    ids = torch.tensor([[1, *tokenizer.encode(TEXTS[0], add_special_tokens=False).ids, 2]])
    loss = torch.nn.functional.cross_entropy(model(ids).logits[0, :-1], ids[0, 1:], reduction="sum").item()
    assert items(out, 0)[0]["nll"] == pytest.approx(loss, rel=1e-4)
    for (user, _), item in zip(CHATS[:6], items(out, 1), strict=False):
        assert item["output"] == tokenizer.decode(greedy(model, tokenizer, user, 6))
