"""Bytes of the socket: unsigned LEB128 integers, frames behind their length, and the fields of protobuf messages. Pure.

Whatever is read is judged before room is made for it: a frame that says that it is too long is refused by its length alone, and a field that reaches beyond its
message is no field.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from .errors import WireError

#: One message in either direction.
MAX_MESSAGE_BYTES: Final = 4 * 1024 * 1024
#: A length below 2**28 takes at most four bytes; nothing here may be longer.
_MAX_LENGTH_BYTES: Final = 4
#: An integer of 64 bits.
_MAX_VARINT_BYTES: Final = 10
_MAX_FIELD_NUMBER: Final = (1 << 29) - 1

VARINT: Final = 0
FIXED64: Final = 1
BYTES: Final = 2
FIXED32: Final = 5

#: Of a field: its integer, or its bytes.
Value = int | bytes


def encode_varint(value: int) -> bytes:
    """The unsigned integer, 0 to 2**64 - 1, in its shortest form."""
    if not 0 <= value < 1 << 64:
        raise ValueError(f"{value} is no unsigned integer of 64 bits")
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def decode_varint(data: bytes, at: int) -> tuple[int, int]:
    """The integer at a place, and the place behind it. Raises a WireError."""
    value = 0
    for count in range(_MAX_VARINT_BYTES):
        if at + count >= len(data):
            raise malformed("an integer is not whole")
        byte = data[at + count]
        value |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            if value >= 1 << 64:
                break
            return value, at + count + 1
    raise malformed("an integer has more than 64 bits")


def encode_field(number: int, value: Value, wire_type: int) -> bytes:
    """The field of a message; bytes of a fixed length are as they stand there."""
    key = encode_varint(number << 3 | wire_type)
    if isinstance(value, int):
        return key + encode_varint(value)
    return key + value if wire_type in (FIXED32, FIXED64) else key + encode_varint(len(value)) + value


def decode_fields(data: bytes) -> Iterator[tuple[int, int, Value]]:
    """Number, wire type and value of each field, in their order. Raises a WireError where the bytes are no message."""
    at = 0
    while at < len(data):
        key, at = decode_varint(data, at)
        number, wire_type = key >> 3, key & 7
        if not 0 < number <= _MAX_FIELD_NUMBER:
            raise malformed("a field has no number")
        if wire_type == VARINT:
            value, at = decode_varint(data, at)
            yield number, wire_type, value
            continue
        if wire_type == BYTES:
            length, at = decode_varint(data, at)
        elif wire_type == FIXED64:
            length = 8
        elif wire_type == FIXED32:
            length = 4
        else:
            raise malformed(f"a field has the wire type {wire_type}")
        if length > len(data) - at:
            raise malformed("a field is longer than its message")
        yield number, wire_type, data[at : at + length]
        at += length


def encode_double(value: float) -> bytes:
    return struct.pack("<d", value)


def decode_double(data: bytes) -> float:
    value: float = struct.unpack("<d", data)[0]
    return value


def encode_frame(message: bytes) -> bytes:
    """The message with its length in front. Raises a WireError FRAME_TOO_LONG."""
    if len(message) > MAX_MESSAGE_BYTES:
        raise _too_long(len(message), MAX_MESSAGE_BYTES)
    return encode_varint(len(message)) + message


class FrameReader:
    """Cuts what comes into frames; whoever reads asks for one at a time."""

    def __init__(self, max_bytes: int = MAX_MESSAGE_BYTES) -> None:
        self._max_bytes = max_bytes
        self._data = bytearray()
        #: Of the frame that is being waited for, once it is known.
        self._length: int | None = None

    @property
    def buffered(self) -> int:
        """Bytes that are held and were not handed out."""
        return len(self._data)

    def push(self, chunk: bytes) -> None:
        self._data += chunk

    def next(self) -> bytes | None:
        """The next whole frame; None until more has come. Raises a WireError FRAME_TOO_LONG or FRAME_LENGTH_INVALID, after which nothing can be read."""
        if self._length is None:
            self._length = self._read_length()
        if self._length is None or len(self._data) < self._length:
            return None
        frame = bytes(memoryview(self._data)[: self._length])
        del self._data[: self._length]
        self._length = None
        return frame

    def _read_length(self) -> int | None:
        length = 0
        for index, byte in enumerate(self._data[:_MAX_LENGTH_BYTES]):
            length |= (byte & 0x7F) << (7 * index)
            if byte >= 0x80:
                continue
            if byte == 0 and index > 0:
                raise WireError("FRAME_LENGTH_INVALID", "The frame length is not in its shortest form.")
            if length > self._max_bytes:
                raise _too_long(length, self._max_bytes)
            del self._data[: index + 1]
            return length
        if len(self._data) >= _MAX_LENGTH_BYTES:
            raise WireError("FRAME_LENGTH_INVALID", f"The frame length takes more than {_MAX_LENGTH_BYTES} bytes.")
        return None


def malformed(why: str) -> WireError:
    return WireError("NET_MESSAGE_MALFORMED", f"The bytes are no message: {why}.")


def _too_long(length: int, max_bytes: int) -> WireError:
    return WireError("FRAME_TOO_LONG", f"The frame has {length} bytes; at most {max_bytes} are allowed.", data={"length": str(length), "maxBytes": str(max_bytes)})
