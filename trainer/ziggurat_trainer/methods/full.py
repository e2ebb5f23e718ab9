"""Training every weight of a base: continued pre-training on texts, or tuning on chats."""

from __future__ import annotations

from ..artifact import Model, load
from ..spec import Spec


def build(spec: Spec) -> Model:
    """The base as it is, an adapter on it merged in."""
    assert spec.base is not None
    return load(spec, spec.base)
