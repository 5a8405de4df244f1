"""The service Channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ..message import Message, blob, flag, maybe_double, maybe_flag, one, text, uint
from .sealed import SealedReceipt
from .session import CloseResponse, Count, Ready, Streaming, Unary


@dataclass(frozen=True, kw_only=True)
class ListenRequest(Message):
    service: str = text(1)
    max_message_bytes: int = uint(2)
    advertise: bool = flag(3)


@dataclass(frozen=True, kw_only=True)
class ChannelState(Message):
    channel: str = text(1)
    peer: str = text(2)
    service: str = text(3)
    class_: int = uint(4)
    inbound: bool = flag(5)
    open: bool = flag(6)
    phase: str = text(7)
    found: str = text(8)
    path: int = uint(9)


@dataclass(frozen=True, kw_only=True)
class Channel(Message):
    state: ChannelState | None = one(1, ChannelState)
    metadata: bytes = blob(2)
    max_message_bytes: int = uint(3)


@dataclass(frozen=True, kw_only=True)
class ListenEvent(Message):
    ready: Ready | None = one(1, Ready)
    channel: Channel | None = one(2, Channel)


@dataclass(frozen=True, kw_only=True)
class DialRequest(Message):
    address: str = text(1)
    service: str = text(2)
    class_: int = uint(3)
    metadata: bytes = blob(4)
    max_message_bytes: int = uint(5)
    relayed: bool | None = maybe_flag(6)


@dataclass(frozen=True, kw_only=True)
class ChannelRequest(Message):
    channel: str = text(1)


@dataclass(frozen=True, kw_only=True)
class ChannelMessage(Message):
    data: bytes = blob(1)


@dataclass(frozen=True, kw_only=True)
class SendRequest(Message):
    channel: str = text(1)
    data: bytes = blob(2)
    confirm: bool = flag(3)


@dataclass(frozen=True, kw_only=True)
class SendResponse(Message):
    pass


@dataclass(frozen=True, kw_only=True)
class ChannelMetrics(Message):
    sent: Count | None = one(1, Count)
    received: Count | None = one(2, Count)
    queued: Count | None = one(3, Count)
    unread: Count | None = one(4, Count)
    credit: int = uint(5)
    dropped: int = uint(6)
    round_trip_ms: float | None = maybe_double(7)


@dataclass(frozen=True, kw_only=True)
class ChannelUnicastRequest(Message):
    address: str = text(1)
    service: str = text(2)
    data: bytes = blob(3)
    sealed: bool = flag(4)
    relayed: bool | None = maybe_flag(5)


@dataclass(frozen=True, kw_only=True)
class ChannelUnicastResponse(Message):
    receipt: SealedReceipt | None = one(1, SealedReceipt)


_SERVICE = "nodestead.net.v1.Channels"
LISTEN: Final = Streaming(f"{_SERVICE}/Listen", ListenRequest, ListenEvent)
DIAL: Final = Unary(f"{_SERVICE}/Dial", DialRequest, Channel)
RECEIVE: Final = Streaming(f"{_SERVICE}/Receive", ChannelRequest, ChannelMessage)
SEND: Final = Unary(f"{_SERVICE}/Send", SendRequest, SendResponse)
STATE: Final = Unary(f"{_SERVICE}/State", ChannelRequest, ChannelState)
METRICS: Final = Unary(f"{_SERVICE}/Metrics", ChannelRequest, ChannelMetrics)
END: Final = Unary(f"{_SERVICE}/End", ChannelRequest, CloseResponse)
CLOSE: Final = Unary(f"{_SERVICE}/Close", ChannelRequest, CloseResponse)
RESET: Final = Unary(f"{_SERVICE}/Reset", ChannelRequest, CloseResponse)
CLOSED: Final = Unary(f"{_SERVICE}/Closed", ChannelRequest, CloseResponse)
UNICAST: Final = Unary(f"{_SERVICE}/Unicast", ChannelUnicastRequest, ChannelUnicastResponse)
