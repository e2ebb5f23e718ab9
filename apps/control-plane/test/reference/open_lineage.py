"""Rebuilds OpenLineage events from JSON by the reference client's own classes and says whether they come out the same.

With OPENLINEAGE_URL set it also sends them there, as any program that uses the client does.
"""

import importlib
import json
import os
import pkgutil
import sys
import types
import typing
from enum import Enum

import attr
from openlineage.client import OpenLineageClient, event_v2, generated
from openlineage.client.generated.base import DatasetFacet
from openlineage.client.serde import Serde


@attr.define
class ZigguratModelDatasetFacet(DatasetFacet):
    """The facet that is ours, as a customer would write it."""

    tier: str = attr.field(default="")
    rootDigest: str = attr.field(default="")  # noqa: N815
    artifactKind: str = attr.field(default="")  # noqa: N815
    parameters: typing.Optional[int] = attr.field(default=None)  # noqa: UP045
    parents: list[dict] = attr.field(factory=list)

    @staticmethod
    def _get_schema() -> str:
        return "urn:ziggurat:openlineage:ZigguratModelDatasetFacet:1-0-0"


def facet_classes() -> dict[str, type]:
    classes = {ZigguratModelDatasetFacet._get_schema(): ZigguratModelDatasetFacet}
    for found in pkgutil.iter_modules(generated.__path__):
        module = importlib.import_module(f"openlineage.client.generated.{found.name}")
        for value in vars(module).values():
            if isinstance(value, type) and hasattr(value, "_get_schema"):
                classes[value._get_schema()] = value
    return classes


FACETS = facet_classes()


def build(kind, value):
    if value is None or kind is typing.Any:
        return value
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        failures = []
        for option in typing.get_args(kind):
            if option is type(None):
                continue
            try:
                return build(option, value)
            except (TypeError, ValueError, KeyError) as failure:
                failures.append(failure)
        raise failures[0]
    if origin is list:
        return [build(typing.get_args(kind)[0], item) for item in value]
    if origin is dict:
        return value
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    if attr.has(kind):
        return build_class(kind, value)
    return value


def build_class(kind, value):
    if not isinstance(value, dict):
        raise TypeError(f"{kind.__name__} is an object")
    hints = typing.get_type_hints(kind)
    fields = {field.name: field for field in attr.fields(kind)}
    unknown = set(value) - set(fields)
    if unknown:
        raise TypeError(f"{kind.__name__} has no {sorted(unknown)}")
    arguments = {}
    for name, content in value.items():
        if not fields[name].init:
            continue
        if name.lower().endswith("facets"):
            built = {key: build_class(FACETS[facet["_schemaURL"]], facet) for key, facet in content.items()}
        else:
            built = build(hints[name], content)
        arguments[fields[name].alias] = built
    return kind(**arguments)


def filled(value):
    """A value without what is empty: the classes fill in empty lists and objects that a document may leave out."""
    if isinstance(value, dict):
        return {key: filled(member) for key, member in value.items() if member not in (None, [], {})}
    return [filled(member) for member in value] if isinstance(value, list) else value


events = json.load(sys.stdin)
rebuilt = [build_class(event_v2.RunEvent, event) for event in events]
differences = [
    {"rebuilt": Serde.to_dict(event), "original": original}
    for event, original in zip(rebuilt, events, strict=True)
    if filled(Serde.to_dict(event)) != filled(original)
]
if "OPENLINEAGE_URL" in os.environ:
    client = OpenLineageClient()
    for event in rebuilt:
        client.emit(event)
runs = sorted({event.run.runId for event in rebuilt})
print(json.dumps({"events": len(rebuilt), "differences": differences, "runs": runs}))
