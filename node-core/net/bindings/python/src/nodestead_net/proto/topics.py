"""The services Topics and Discovery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ..message import Message, blob, double, many, one, text, texts, uint
from .session import Ready, Streaming, Unary


@dataclass(frozen=True, kw_only=True)
class DeclareTopicRequest(Message):
    name: str = text(1)
    max_message_bytes: int = uint(2)
    per_second: float = double(3)
    burst: float = double(4)
    queue_length: int = uint(5)
    topology: int = uint(6)
    large: int = uint(7)
    way: int = uint(8)


@dataclass(frozen=True, kw_only=True)
class SubscribeRequest(Message):
    topic: str = text(1)
    service: str = text(2)


@dataclass(frozen=True, kw_only=True)
class TopicMessage(Message):
    topic: str = text(1)
    id: str = text(2)
    source: str = text(3)
    data: bytes = blob(4)
    way: int = uint(5)


@dataclass(frozen=True, kw_only=True)
class TopicEvent(Message):
    ready: Ready | None = one(1, Ready)
    message: TopicMessage | None = one(2, TopicMessage)


@dataclass(frozen=True, kw_only=True)
class Everybody(Message):
    pass


@dataclass(frozen=True, kw_only=True)
class PeerList(Message):
    peers: tuple[str, ...] = texts(1)


@dataclass(frozen=True, kw_only=True)
class PublishRequest(Message):
    topic: str = text(1)
    data: bytes = blob(2)
    everybody: Everybody | None = one(3, Everybody)
    only: PeerList | None = one(4, PeerList)
    except_: PeerList | None = one(5, PeerList)
    service: str = text(6)
    way: int = uint(7)


@dataclass(frozen=True, kw_only=True)
class UndeliveredMessage(Message):
    peer: str = text(1)
    reason: str = text(2)


@dataclass(frozen=True, kw_only=True)
class PublishResponse(Message):
    id: str = text(1)
    way: int = uint(2)
    sent: tuple[str, ...] = texts(3)
    taken: tuple[str, ...] = texts(4)
    undelivered: tuple[UndeliveredMessage, ...] = many(5, UndeliveredMessage)


@dataclass(frozen=True, kw_only=True)
class FindRequest(Message):
    service: str = text(1)
    limit: int = uint(2)


@dataclass(frozen=True, kw_only=True)
class FoundPeer(Message):
    peer: str = text(1)
    addresses: tuple[str, ...] = texts(2)


_SERVICE = "nodestead.net.v1.Topics"
DECLARE: Final = Streaming(f"{_SERVICE}/Declare", DeclareTopicRequest, Ready)
SUBSCRIBE: Final = Streaming(f"{_SERVICE}/Subscribe", SubscribeRequest, TopicEvent)
PUBLISH: Final = Unary(f"{_SERVICE}/Publish", PublishRequest, PublishResponse)
FIND: Final = Streaming("nodestead.net.v1.Discovery/Find", FindRequest, FoundPeer)
