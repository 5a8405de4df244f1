"""The service Sealed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ..message import Message, blob, flag, one, text, texts, uint
from .session import Ready, Streaming, Unary


@dataclass(frozen=True, kw_only=True)
class SealedReceipt(Message):
    id: str = text(1)
    state: str = text(2)
    relays: tuple[str, ...] = texts(3)


@dataclass(frozen=True, kw_only=True)
class ServeSealedRequest(Message):
    service: str = text(1)


@dataclass(frozen=True, kw_only=True)
class SealedMessage(Message):
    sender: str = text(1)
    service: str = text(2)
    data: bytes = blob(3)
    time: int = uint(4)
    kept: bool = flag(5)
    number: int = uint(6)


@dataclass(frozen=True, kw_only=True)
class SealedEvent(Message):
    ready: Ready | None = one(1, Ready)
    message: SealedMessage | None = one(2, SealedMessage)


@dataclass(frozen=True, kw_only=True)
class AcknowledgeSealedRequest(Message):
    number: int = uint(1)


@dataclass(frozen=True, kw_only=True)
class AcknowledgeSealedResponse(Message):
    pass


SERVE: Final = Streaming("nodestead.net.v1.Sealed/Serve", ServeSealedRequest, SealedEvent)
ACKNOWLEDGE: Final = Unary("nodestead.net.v1.Sealed/Acknowledge", AcknowledgeSealedRequest, AcknowledgeSealedResponse)
