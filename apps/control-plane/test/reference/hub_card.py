"""Reads a model card by the hub's own client and says what its front matter holds, and how the text below it begins."""

import json
import sys

from huggingface_hub import ModelCard

card = ModelCard(sys.stdin.read())
print(json.dumps({"data": card.data.to_dict(), "title": card.text.strip().splitlines()[0]}))
