"""What the net of a node gives and takes: plain values, without a connection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

#: The way that bytes take to a peer.
Path = Literal["direct", "relayed"]
#: Which messages go first.
ChannelClass = Literal["control", "normal", "bulk"]
#: How a message is spread.
Way = Literal["direct", "chunks", "tree", "gossip"]
#: ``mesh``: all nodes of a topic are connected with each other. ``open``: each has some of the others.
Topology = Literal["open", "mesh"]
#: What becomes of a message for a member of a group whose queue is full.
WhenFull = Literal["drop-oldest", "drop-newest", "hold"]
Outcome = Literal["delivered", "dropped", "failed"]
Undeliverable = Literal["no-service", "refused", "not-connected", "lost", "silent"]


@dataclass(frozen=True, slots=True)
class Count:
    messages: int
    bytes: int


@dataclass(frozen=True, slots=True)
class ChannelState:
    #: Unique in the node's life and beyond.
    id: str
    peer: str
    service: str
    class_: ChannelClass
    direction: Literal["inbound", "outbound"]
    #: Messages may be sent.
    open: bool
    #: What is left of it: both directions, one, or none.
    phase: Literal["open", "sending", "receiving", "closed"]
    #: How the peer was found; ``inbound`` where it came to us.
    found: str
    #: None while there is no connection.
    path: Path | None


@dataclass(frozen=True, slots=True)
class ChannelMetrics:
    sent: Count
    received: Count
    #: Waits in the node to be sent.
    queued: Count
    #: Came, and waits in the node for the program.
    unread: Count
    #: Bytes that the other side takes before it grants more; a message costs 32 above its length.
    credit: int
    #: Messages that were not sent: for want of room, or because the channel ended.
    dropped: int
    #: Milliseconds, smoothed; None before the first answer.
    rtt_ms: float | None


@dataclass(frozen=True, slots=True)
class MemberState:
    peer: str
    phase: Literal["opening", "open", "waiting"]
    path: Path | None
    delivered: Count
    queued: Count
    dropped: int
    failed: int


@dataclass(frozen=True, slots=True)
class GroupState:
    name: str
    open: bool
    members: tuple[MemberState, ...]


@dataclass(frozen=True, slots=True)
class GroupMetrics:
    delivered: Count
    queued: Count
    received: Count
    dropped: int
    failed: int


@dataclass(frozen=True, slots=True)
class GroupMessage:
    #: Peer id of who sent it.
    peer: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Rate:
    """Messages that one peer may send: each second, and at once."""

    per_second: float
    burst: float


@dataclass(frozen=True, slots=True)
class TopicLimits:
    #: Small letters, digits, ``.``, ``_``, ``-`` and ``/``, 64 at most.
    name: str
    max_message_bytes: int
    rate: Rate
    #: Messages that wait for a slow peer; the node's usual number where nothing is said.
    queue_length: int | None = None
    topology: Topology | None = None
    #: What takes large messages in an open topic; gossip where nothing is said.
    large: Literal["gossip", "tree"] | None = None
    #: The one way of every message; what the node's rules choose where nothing is said.
    way: Way | None = None


@dataclass(frozen=True, slots=True)
class TopicMessage:
    topic: str
    #: The same for everybody who gets it.
    id: str
    #: Peer id of who sent it first; the node's own where another program of this computer did.
    source: str
    payload: bytes
    #: None for what another program of this computer sent.
    way: Way | None


@dataclass(frozen=True, slots=True)
class Only:
    """To these peers, each of which is reported."""

    peers: Sequence[str]


@dataclass(frozen=True, slots=True)
class Except:
    """To everybody but these peers."""

    peers: Sequence[str]


#: Whom a message on a topic is for.
Audience = Literal["everybody"] | Only | Except


@dataclass(frozen=True, slots=True)
class Undelivered:
    peer: str
    reason: Undeliverable


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a message on a topic."""

    id: str
    #: None where it went to programs of this computer alone.
    way: Way | None
    #: Peers to whom it is on its way.
    sent: tuple[str, ...]
    #: Of a list: whose services have it.
    taken: tuple[str, ...]
    #: Of a list: who does not have it.
    undelivered: tuple[Undelivered, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """Of a sealed message."""

    id: str
    state: Literal["delivered", "waiting", "lost"]
    #: Peers who keep it meanwhile.
    relays: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SealedMessage:
    #: Peer id of who signed it.
    sender: str
    service: str
    payload: bytes
    #: Milliseconds since the Unix epoch, as the sender says.
    time: int
    #: It was stored on its way.
    kept: bool


@dataclass(frozen=True, slots=True)
class Provider:
    """Who says that it offers a service."""

    peer: str
    #: Multiaddresses, ``/p2p/<peer>`` at the end.
    addresses: tuple[str, ...]
