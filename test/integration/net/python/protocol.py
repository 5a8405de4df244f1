"""Prints what the binding knows of the protocol: fields of its messages by their numbers, and its methods."""

import importlib
import json
import pkgutil
from typing import Any

from nodestead_net import proto
from nodestead_net.message import Message, specs
from nodestead_net.proto.session import Streaming, Unary

modules = [importlib.import_module(f"{proto.__name__}.{module.name}") for module in pkgutil.iter_modules(proto.__path__)]
found = [value for module in modules for value in vars(module).values()]


def kind_of(kind: Any) -> str:
    return kind if isinstance(kind, str) else kind.__name__


messages = {
    value.__name__: {spec.number: {"name": name.rstrip("_"), "kind": kind_of(spec.kind), "repeated": spec.repeated} for name, spec in specs(value).items()}
    for value in found
    if isinstance(value, type) and issubclass(value, Message) and value is not Message
}
methods = {
    value.name: {"request": value.request.__name__, "answer": value.answer.__name__, "streaming": isinstance(value, Streaming)} for value in found if isinstance(value, Unary | Streaming)
}
print(json.dumps({"messages": messages, "methods": methods}))
