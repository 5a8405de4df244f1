"""Messages of the socket as frozen dataclasses that say the number and kind of each field; to bytes and back. Pure.

A field that has its default is not written, one that did not come has it, and one that is not known is passed over: so the two ends may be of different versions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Self, TypeVar

from .wire import BYTES, FIXED64, VARINT, Value, decode_double, decode_fields, encode_double, encode_field, malformed


@dataclass(frozen=True)
class Spec:
    """Of one field."""

    number: int
    #: uint, bool, string, bytes, double, map (of texts), or the class of a message.
    kind: str | type[Message]
    repeated: bool = False
    #: None where it did not come, instead of a default.
    optional: bool = False


class Message:
    """What a subclass says with the functions below, each a dataclass."""

    __slots__ = ()

    def encode(self) -> bytes:
        return b"".join(_encode(spec, getattr(self, name)) for name, spec in specs(type(self)).items())

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Raises a WireError NET_MESSAGE_MALFORMED."""
        names, known = _names(cls), specs(cls)
        values: dict[str, Any] = {}
        for number, wire_type, value in decode_fields(data):
            name = names.get(number)
            if name is None:
                continue
            spec = known[name]
            decoded = _decode(spec, wire_type, value)
            if spec.kind == "map":
                values.setdefault(name, {}).update(decoded)
            elif spec.repeated:
                values.setdefault(name, []).append(decoded)
            else:
                values[name] = decoded
        return cls(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})


M = TypeVar("M", bound=Message)
D = TypeVar("D")


_SPECS: dict[type[Message], Mapping[str, Spec]] = {}
_NAMES: dict[type[Message], Mapping[int, str]] = {}


def specs(message: type[Message]) -> Mapping[str, Spec]:
    """The fields of a message by their names here."""
    if message not in _SPECS:
        assert is_dataclass(message)
        _SPECS[message] = {each.name: each.metadata["spec"] for each in fields(message)}
    return _SPECS[message]


def _names(message: type[Message]) -> Mapping[int, str]:
    if message not in _NAMES:
        _NAMES[message] = {spec.number: name for name, spec in specs(message).items()}
    return _NAMES[message]


def uint(number: int) -> int:
    """An unsigned integer or an enumeration."""
    return _field(Spec(number, "uint"), 0)


def flag(number: int) -> bool:
    return _field(Spec(number, "bool"), False)


def text(number: int) -> str:
    return _field(Spec(number, "string"), "")


def blob(number: int) -> bytes:
    return _field(Spec(number, "bytes"), b"")


def double(number: int) -> float:
    return _field(Spec(number, "double"), 0.0)


def maybe_uint(number: int) -> int | None:
    return _field(Spec(number, "uint", optional=True), None)


def maybe_flag(number: int) -> bool | None:
    return _field(Spec(number, "bool", optional=True), None)


def maybe_double(number: int) -> float | None:
    return _field(Spec(number, "double", optional=True), None)


def texts(number: int) -> tuple[str, ...]:
    return _field(Spec(number, "string", repeated=True), ())


def mapping(number: int) -> Mapping[str, str]:
    made: Mapping[str, str] = field(default_factory=dict, metadata={"spec": Spec(number, "map")})
    return made


def one(number: int, message: type[M]) -> M | None:
    return _field(Spec(number, message, optional=True), None)


def many(number: int, message: type[M]) -> tuple[M, ...]:
    return _field(Spec(number, message, repeated=True), ())


def _field(spec: Spec, default: D) -> D:
    made: D = field(default=default, metadata={"spec": spec})
    return made


def _encode(spec: Spec, value: Any) -> bytes:
    if spec.kind == "map":
        return b"".join(encode_field(spec.number, encode_field(1, key.encode(), BYTES) + encode_field(2, each.encode(), BYTES), BYTES) for key, each in value.items())
    if spec.repeated:
        return b"".join(_encode_one(spec, each) for each in value)
    if value is None or (not spec.optional and not value):
        return b""
    return _encode_one(spec, value)


def _encode_one(spec: Spec, value: Any) -> bytes:
    if isinstance(value, Message):
        return encode_field(spec.number, value.encode(), BYTES)
    if spec.kind == "string":
        return encode_field(spec.number, value.encode(), BYTES)
    if spec.kind == "bytes":
        return encode_field(spec.number, bytes(value), BYTES)
    if spec.kind == "double":
        return encode_field(spec.number, encode_double(value), FIXED64)
    return encode_field(spec.number, int(value), VARINT)


def _decode(spec: Spec, wire_type: int, value: Value) -> Any:
    if isinstance(value, int):
        if spec.kind == "uint":
            return value
        if spec.kind == "bool":
            return value != 0
        raise malformed(f"field {spec.number} is an integer")
    if spec.kind == "double" and wire_type == FIXED64:
        return decode_double(value)
    if wire_type != BYTES or spec.kind in ("uint", "bool", "double"):
        raise malformed(f"field {spec.number} has the wire type {wire_type}")
    if spec.kind == "string":
        return _decode_text(value)
    if spec.kind == "map":
        entry = {number: _decode_text(part) for number, _, part in decode_fields(value) if isinstance(part, bytes)}
        return {entry.get(1, ""): entry.get(2, "")}
    return value if isinstance(spec.kind, str) else spec.kind.decode(value)


def _decode_text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise malformed("a text is not UTF-8") from error
