"""The service Node: what a binding takes of it, events and figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ..message import Message, flag, many, maybe_double, one, text, texts, uint
from .channels import ChannelMetrics
from .session import Ready, Streaming, Unary


@dataclass(frozen=True, kw_only=True)
class EventsRequest(Message):
    pass


@dataclass(frozen=True, kw_only=True)
class PeerConnected(Message):
    peer: str = text(1)
    path: int = uint(2)


@dataclass(frozen=True, kw_only=True)
class PeerPathChanged(Message):
    peer: str = text(1)
    path: int = uint(2)


@dataclass(frozen=True, kw_only=True)
class PeerDisconnected(Message):
    peer: str = text(1)


@dataclass(frozen=True, kw_only=True)
class ChannelOpened(Message):
    channel: str = text(1)
    peer: str = text(2)
    service: str = text(3)
    inbound: bool = flag(4)
    path: int = uint(5)


@dataclass(frozen=True, kw_only=True)
class ChannelMoved(Message):
    channel: str = text(1)
    peer: str = text(2)
    service: str = text(3)
    path: int = uint(4)


@dataclass(frozen=True, kw_only=True)
class ChannelClosed(Message):
    channel: str = text(1)
    peer: str = text(2)
    service: str = text(3)
    code: str = text(4)


@dataclass(frozen=True, kw_only=True)
class ServiceFound(Message):
    service: str = text(1)
    peer: str = text(2)
    addresses: tuple[str, ...] = texts(3)


@dataclass(frozen=True, kw_only=True)
class ServiceLost(Message):
    service: str = text(1)
    peer: str = text(2)
    reason: str = text(3)


@dataclass(frozen=True, kw_only=True)
class Event(Message):
    connected: PeerConnected | None = one(1, PeerConnected)
    path_changed: PeerPathChanged | None = one(2, PeerPathChanged)
    disconnected: PeerDisconnected | None = one(3, PeerDisconnected)
    ready: Ready | None = one(4, Ready)
    channel_opened: ChannelOpened | None = one(5, ChannelOpened)
    channel_moved: ChannelMoved | None = one(6, ChannelMoved)
    channel_closed: ChannelClosed | None = one(7, ChannelClosed)
    service_found: ServiceFound | None = one(8, ServiceFound)
    service_lost: ServiceLost | None = one(9, ServiceLost)


@dataclass(frozen=True, kw_only=True)
class NetMetricsRequest(Message):
    pass


@dataclass(frozen=True, kw_only=True)
class PeerMetrics(Message):
    peer: str = text(1)
    channels: int = uint(2)
    path: int = uint(3)
    sums: ChannelMetrics | None = one(4, ChannelMetrics)
    in_flight: int = uint(5)
    window: int = uint(6)
    bytes_per_second: float | None = maybe_double(7)
    resumed: int = uint(8)
    moved: int = uint(9)


@dataclass(frozen=True, kw_only=True)
class TopicServiceMetrics(Message):
    service: str = text(1)
    received: int = uint(2)
    dropped: int = uint(3)
    waiting: int = uint(4)
    waiting_bytes: int = uint(5)


@dataclass(frozen=True, kw_only=True)
class TopicWayMetrics(Message):
    way: int = uint(1)
    delivered: int = uint(2)
    duplicates: int = uint(3)


@dataclass(frozen=True, kw_only=True)
class TopicMetrics(Message):
    topic: str = text(1)
    peers: int = uint(2)
    services: tuple[TopicServiceMetrics, ...] = many(3, TopicServiceMetrics)
    ways: tuple[TopicWayMetrics, ...] = many(4, TopicWayMetrics)


@dataclass(frozen=True, kw_only=True)
class ServingMetrics(Message):
    bytes: int = uint(1)
    peers: int = uint(2)
    streams: int = uint(3)


@dataclass(frozen=True, kw_only=True)
class NetMetricsResponse(Message):
    peers: tuple[PeerMetrics, ...] = many(1, PeerMetrics)
    topics: tuple[TopicMetrics, ...] = many(2, TopicMetrics)
    serving: ServingMetrics | None = one(3, ServingMetrics)


EVENTS: Final = Streaming("nodestead.net.v1.Node/Events", EventsRequest, Event)
NET_METRICS: Final = Unary("nodestead.net.v1.Node/NetMetrics", NetMetricsRequest, NetMetricsResponse)
