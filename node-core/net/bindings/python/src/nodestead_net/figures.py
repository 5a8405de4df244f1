"""Events and figures of the net: what they are, and how they are read. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from .proto import channels, node
from .types import ChannelMetrics, Path, Way
from .words import PATHS, WAYS, count_of


@dataclass(frozen=True, slots=True, kw_only=True)
class NetEvent:
    """What has happened on the network; it asks for nothing. ``kind`` says which of the classes below it is."""

    kind: str
    peer: str
    #: Events that were lost in front of this one, because the program was too slow.
    lost: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerConnected(NetEvent):
    path: Path | None
    kind: Literal["peer-connected"] = "peer-connected"


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerPathChanged(NetEvent):
    path: Path | None
    kind: Literal["peer-path"] = "peer-path"


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerDisconnected(NetEvent):
    kind: Literal["peer-disconnected"] = "peer-disconnected"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelOpened(NetEvent):
    #: Its id.
    channel: str
    service: str
    direction: Literal["inbound", "outbound"]
    path: Path | None
    kind: Literal["channel-opened"] = "channel-opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelMoved(NetEvent):
    """Its bytes take a direct path, where they took a relayed one."""

    channel: str
    service: str
    path: Path
    kind: Literal["channel-moved"] = "channel-moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelClosed(NetEvent):
    channel: str
    service: str
    #: Of the error that it ended with; None where it ended in good order.
    code: str | None
    kind: Literal["channel-closed"] = "channel-closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFound(NetEvent):
    """A search found a peer that says that it offers the service."""

    service: str
    #: Multiaddresses.
    addresses: tuple[str, ...]
    kind: Literal["service-found"] = "service-found"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLost(NetEvent):
    """``refused``: the peer answered that it does not have it. ``expired``: no search found it again in time."""

    service: str
    reason: Literal["refused", "expired"]
    kind: Literal["service-lost"] = "service-lost"


@dataclass(frozen=True, slots=True)
class PeerMetrics(ChannelMetrics):
    """Sums over the channels with a peer, those that ended among them, and what is known of the line."""

    peer: str
    #: That are open.
    channels: int
    path: Path | None
    #: Bytes that were sent and not acknowledged, and how many may be.
    in_flight: int
    window: int
    #: That come through, as measured of late.
    bytes_per_second: float | None
    #: How often channels went on on another stream, and how often on a better path among these.
    resumed: int
    moved: int


@dataclass(frozen=True, slots=True)
class TopicServiceMetrics:
    service: str
    received: int
    #: Lost, because the service was too slow.
    dropped: int
    waiting: int
    waiting_bytes: int


@dataclass(frozen=True, slots=True)
class TopicWayMetrics:
    way: Way
    delivered: int
    #: Came again.
    duplicates: int


@dataclass(frozen=True, slots=True)
class TopicMetrics:
    topic: str
    #: With how many peers it is open.
    peers: int
    services: tuple[TopicServiceMetrics, ...]
    ways: tuple[TopicWayMetrics, ...]


@dataclass(frozen=True, slots=True)
class ServingMetrics:
    """Files that are served: bytes since the start of the node, and to how many peers over how many streams now."""

    bytes: int
    peers: int
    streams: int


@dataclass(frozen=True, slots=True)
class NetMetrics:
    """Of the node, all services and programs together; topics are those that the program may use."""

    peers: tuple[PeerMetrics, ...]
    topics: tuple[TopicMetrics, ...]
    serving: ServingMetrics


def event_of(event: node.Event, lost: int) -> NetEvent | None:
    """None for one that this software does not know."""
    if (it := event.connected) is not None:
        return PeerConnected(peer=it.peer, path=PATHS.word(it.path), lost=lost)
    if (changed := event.path_changed) is not None:
        return PeerPathChanged(peer=changed.peer, path=PATHS.word(changed.path), lost=lost)
    if event.disconnected is not None:
        return PeerDisconnected(peer=event.disconnected.peer, lost=lost)
    if (opened := event.channel_opened) is not None:
        direction: Literal["inbound", "outbound"] = "inbound" if opened.inbound else "outbound"
        return ChannelOpened(channel=opened.channel, peer=opened.peer, service=opened.service, direction=direction, path=PATHS.word(opened.path), lost=lost)
    if (moved := event.channel_moved) is not None:
        return ChannelMoved(channel=moved.channel, peer=moved.peer, service=moved.service, path=PATHS.word(moved.path) or "direct", lost=lost)
    if (closed := event.channel_closed) is not None:
        return ChannelClosed(channel=closed.channel, peer=closed.peer, service=closed.service, code=closed.code or None, lost=lost)
    if (found := event.service_found) is not None:
        return ServiceFound(service=found.service, peer=found.peer, addresses=found.addresses, lost=lost)
    if (gone := event.service_lost) is not None:
        return ServiceLost(service=gone.service, peer=gone.peer, reason=cast(Literal["refused", "expired"], gone.reason), lost=lost)
    return None


def channel_metrics_of(metrics: channels.ChannelMetrics) -> ChannelMetrics:
    return ChannelMetrics(
        sent=count_of(metrics.sent),
        received=count_of(metrics.received),
        queued=count_of(metrics.queued),
        unread=count_of(metrics.unread),
        credit=metrics.credit,
        dropped=metrics.dropped,
        rtt_ms=metrics.round_trip_ms,
    )


def metrics_of(metrics: node.NetMetricsResponse) -> NetMetrics:
    serving = metrics.serving or node.ServingMetrics()
    return NetMetrics(
        peers=tuple(_peer_of(peer) for peer in metrics.peers),
        topics=tuple(_topic_of(topic) for topic in metrics.topics),
        serving=ServingMetrics(bytes=serving.bytes, peers=serving.peers, streams=serving.streams),
    )


def _peer_of(peer: node.PeerMetrics) -> PeerMetrics:
    sums = channel_metrics_of(peer.sums or channels.ChannelMetrics())
    return PeerMetrics(
        sent=sums.sent,
        received=sums.received,
        queued=sums.queued,
        unread=sums.unread,
        credit=sums.credit,
        dropped=sums.dropped,
        rtt_ms=sums.rtt_ms,
        peer=peer.peer,
        channels=peer.channels,
        path=PATHS.word(peer.path),
        in_flight=peer.in_flight,
        window=peer.window,
        bytes_per_second=peer.bytes_per_second,
        resumed=peer.resumed,
        moved=peer.moved,
    )


def _topic_of(topic: node.TopicMetrics) -> TopicMetrics:
    ways = [(WAYS.word(each.way), each) for each in topic.ways]
    return TopicMetrics(
        topic=topic.topic,
        peers=topic.peers,
        services=tuple(TopicServiceMetrics(each.service, each.received, each.dropped, each.waiting, each.waiting_bytes) for each in topic.services),
        ways=tuple(TopicWayMetrics(way, each.delivered, each.duplicates) for way, each in ways if way is not None),
    )
