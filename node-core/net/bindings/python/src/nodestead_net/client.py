"""The net of a node, for a program of the same computer: what services in the node's process have, over the node's socket.

A program has a token that the user gave it, with scopes that say what it may use; without one of them a call raises NET_SCOPE_MISSING. What it opened ends with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from types import TracebackType
from typing import Any, Final, Self, TypeVar, cast

from .channel import Channel
from .connection import Connection, OpenCall
from .errors import NetError, NotConnectedError
from .figures import NetEvent, NetMetrics, event_of, metrics_of
from .group import Group
from .lasting import Handler, Lasting, Opening, Subscription, logger, settled
from .letters import Letters
from .message import Message
from .proto import channels, groups, node, sealed, topics
from .proto.session import Streaming
from .resources import Resources
from .types import (
    Audience,
    ChannelClass,
    Delivery,
    Except,
    Only,
    Provider,
    Receipt,
    SealedMessage,
    TopicLimits,
    TopicMessage,
    Undeliverable,
    Undelivered,
    Way,
    WhenFull,
)
from .words import CLASSES, FULL_RULES, TOPOLOGIES, WAYS

Q = TypeVar("Q", bound=Message)
A = TypeVar("A", bound=Message)

#: Items on their way from the node.
_CREDIT: Final = 64


class Listener(Subscription[Channel]):
    """Channels that peers open to a service, by ``async for``. Those that nobody took when it is closed are broken off."""


class NetClient:
    """A connection with a node, made by :meth:`connect`. In ``async with`` it is closed at the end of the block."""

    def __init__(self, connection: Connection) -> None:
        self.resources: Final = Resources(connection)
        self._connection = connection
        self._relayed = True
        self._tasks: set[asyncio.Task[None]] = set()

    @classmethod
    def connect(cls, path: str, *, token: str = "", software: str = "nodestead python") -> Opening[NetClient]:
        """``path``: of the socket, ``ipc/nodestead.sock`` in the node's data folder, or of the program's own, where it needs no token; of a named pipe on Windows.

        Raises NET_SOCKET_FAILED where nobody listens, and what the node says: NET_TOKEN_UNKNOWN, NET_VERSION_UNSUPPORTED, NET_TOO_MANY_CLIENTS.
        """

        async def open_it() -> NetClient:
            return cls(await Connection.open(path, token=token, software=software))

        return Opening(open_it())

    @property
    def peer_id(self) -> str:
        """Of the node."""
        return self._connection.welcome.peer_id

    @property
    def scopes(self) -> tuple[str, ...]:
        """What the program may use."""
        return self._connection.welcome.scopes

    def configure(self, *, relayed: bool) -> None:
        """What a dial may go over where nothing is said there: a relay too."""
        self._relayed = relayed

    def listen(self, service: str, handler: Handler[Channel] | None = None, *, max_message_bytes: int = 0, advertise: bool = False) -> Opening[Listener]:
        """Takes channels for a service: by ``async for``, or by a handler that runs for each of them at the same time; one that raises breaks its channel off.

        ``max_message_bytes``: the longest message that is taken; the node's usual length where it is zero. ``advertise`` tells the table of the network that this node
        has the service. Raises a ChannelError CHANNEL_INVALID, or NET_DISCOVERY_*.
        """

        async def open_it() -> Listener:
            request = channels.ListenRequest(service=service, max_message_bytes=max_message_bytes, advertise=advertise)
            call = await self._standing(channels.LISTEN, request, _CREDIT, lambda event: self._reset(event.channel))

            async def take() -> Channel | None:
                event = await call.next()
                return None if event is None or event.channel is None else Channel(self._connection, event.channel)

            return Listener("service", call, take, None if handler is None else lambda channel: self._serve(handler, channel))

        return Opening(open_it())

    def dial(
        self, address: str, *, service: str = "", class_: ChannelClass | None = None, metadata: bytes = b"", max_message_bytes: int = 0, relayed: bool | None = None
    ) -> Opening[Channel]:
        """``address``: a peer id, a multiaddress that ends with one, or ``/nodestead/<service>/p2p/<peer id>``. Cancelled, it leaves no channel.

        Raises an AddressError NET_ADDRESS_INVALID, NET_SERVICE_MISSING or NET_ROUTE_NONE, or a ChannelError.
        """

        async def open_it() -> Channel:
            request = channels.DialRequest(
                address=address,
                service=service,
                class_=CLASSES.number(class_),
                metadata=metadata,
                max_message_bytes=max_message_bytes,
                relayed=self._relayed if relayed is None else relayed,
            )
            return Channel(self._connection, await self._connection.call(channels.DIAL, request, on_late=self._reset))

        return Opening(open_it())

    def group(
        self,
        address: str,
        *,
        members: Sequence[str],
        class_: ChannelClass | None = None,
        max_message_bytes: int = 0,
        queue_messages: int = 0,
        queue_bytes: int = 0,
        when_full: WhenFull | None = None,
    ) -> Opening[Group]:
        """Opens a group by its name or its address, ``/nodestead/group/<name>``. ``members``: peer ids. Raises NET_ADDRESS_INVALID, NET_GROUP_MEMBERS, or a ChannelError."""

        async def open_it() -> Group:
            request = groups.OpenGroupRequest(
                address=address,
                members=tuple(members),
                class_=CLASSES.number(class_),
                max_message_bytes=max_message_bytes,
                queue_messages=queue_messages,
                queue_bytes=queue_bytes,
                when_full=FULL_RULES.number(when_full),
            )
            return Group(self._connection, await self._connection.call(groups.OPEN, request))

        return Opening(open_it())

    async def unicast(self, address: str, payload: bytes, *, sealed: bool = False, service: str = "") -> Receipt | None:
        """One message to a peer's service. Returns when its node has it; or with ``sealed``, signed and encrypted to the peer, who may be away, when it is delivered or waits."""
        request = channels.ChannelUnicastRequest(address=address, service=service, data=payload, sealed=sealed, relayed=self._relayed)
        receipt = (await self._connection.call(channels.UNICAST, request)).receipt
        return None if receipt is None else Receipt(id=receipt.id, state=cast(Any, receipt.state), relays=receipt.relays)

    def declare(self, topic: TopicLimits) -> Opening[Lasting]:
        """Opens a topic with its limits. Raises a TopicError NET_TOPIC_INVALID, NET_TOPIC_DIFFERS or NET_TOPICS_TOO_MANY."""

        async def open_it() -> Lasting:
            request = topics.DeclareTopicRequest(
                name=topic.name,
                max_message_bytes=topic.max_message_bytes,
                per_second=topic.rate.per_second,
                burst=topic.rate.burst,
                queue_length=topic.queue_length or 0,
                topology=TOPOLOGIES.number(topic.topology),
                large=WAYS.number(topic.large),
                way=WAYS.number(topic.way),
            )
            return Lasting(await self._standing(topics.DECLARE, request, 1))

        return Opening(open_it())

    def subscribe(self, topic: str, service: str = "", handler: Handler[TopicMessage] | None = None) -> Opening[Subscription[TopicMessage]]:
        """Messages of a topic. A program that takes them too slowly loses its own oldest (``dropped``). ``service`` tells several subscriptions of a program apart.

        Raises a TopicError NET_TOPIC_UNKNOWN or NET_SERVICE_TAKEN.
        """

        async def open_it() -> Subscription[TopicMessage]:
            call = await self._standing(topics.SUBSCRIBE, topics.SubscribeRequest(topic=topic, service=service), _CREDIT)

            async def take() -> TopicMessage | None:
                event = await call.next()
                return None if event is None or event.message is None else _message_of(event.message)

            return Subscription("subscription", call, take, handler)

        return Opening(open_it())

    async def broadcast(self, topic: str, payload: bytes, *, to: Audience = "everybody", service: str = "", way: Way | None = None) -> Delivery:
        """A message on a topic: to all, to a list, or to all but a list of peers. ``service``: the program's own that sends, and does not get it.

        Raises NET_TOPIC_UNKNOWN, NET_MESSAGE_TOO_LONG or NET_TOPIC_BUSY.
        """
        request = topics.PublishRequest(
            topic=topic,
            data=payload,
            everybody=topics.Everybody() if to == "everybody" else None,
            only=topics.PeerList(peers=tuple(to.peers)) if isinstance(to, Only) else None,
            except_=topics.PeerList(peers=tuple(to.peers)) if isinstance(to, Except) else None,
            service=service,
            way=WAYS.number(way),
        )
        answer = await self._connection.call(topics.PUBLISH, request)
        undelivered = tuple(Undelivered(peer=each.peer, reason=cast(Undeliverable, each.reason)) for each in answer.undelivered)
        return Delivery(id=answer.id, way=WAYS.word(answer.way), sent=answer.sent, taken=answer.taken, undelivered=undelivered)

    def receive(self, service: str, handler: Handler[SealedMessage] | None = None) -> Opening[Letters]:
        """Sealed messages for a service, each delivered when the program has done with it. Raises a SealedError NET_SEALED_SERVICE."""

        async def open_it() -> Letters:
            return Letters(self._connection, await self._standing(sealed.SERVE, sealed.ServeSealedRequest(service=service), 1), handler)

        return Opening(open_it())

    async def find(self, service: str, *, limit: int = 0) -> AsyncGenerator[Provider, None]:
        """Who says that they offer a service, as they are found. ``limit``: 1 to 100; 20 where it is zero. Raises NET_DISCOVERY_NAME or NET_DISCOVERY_BUSY."""
        call = self._connection.open_call(topics.FIND, topics.FindRequest(service=service, limit=limit), credit=_CREDIT)
        try:
            while (found := await call.next()) is not None:
                yield Provider(peer=found.peer, addresses=found.addresses)
        finally:
            call.cancel()

    def events(self, handler: Handler[NetEvent] | None = None) -> Opening[Subscription[NetEvent]]:
        """What happens on the network from now on, in order. Who is slow loses its own oldest events (``lost``). Of channels and services those that the program may use."""

        async def open_it() -> Subscription[NetEvent]:
            call = await self._standing(node.EVENTS, node.EventsRequest(), _CREDIT)

            async def take() -> NetEvent | None:
                lost = 0
                while (event := await call.next()) is not None:
                    lost += call.lost
                    if (known := event_of(event, lost)) is not None:
                        return known
                return None

            return Subscription("subscription", call, take, handler)

        return Opening(open_it())

    async def metrics(self) -> NetMetrics:
        """Figures of the node's network."""
        return metrics_of(await self._connection.call(node.NET_METRICS, node.NetMetricsRequest()))

    async def close(self) -> None:
        """Ends what was opened here; what is asked afterwards is answered with NET_CLOSED. Idempotent."""
        await self._connection.close()

    async def wait_closed(self) -> None:
        """Returns when the connection with the node is gone, whoever ended it."""
        await self._connection.wait_lost()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        await self.close()

    async def _standing(self, method: Streaming[Q, A], request: Q, credit: int, on_unwanted: Callable[[A], None] | None = None) -> OpenCall[A]:
        """Returns when the node says that it stands."""
        call = self._connection.open_call(method, request, credit=credit, on_unwanted=on_unwanted)
        try:
            ready = await call.next()
        except asyncio.CancelledError:
            call.cancel()
            raise
        if ready is None:
            raise NotConnectedError("NET_CLOSED", "The node ended it.")
        return call

    def _reset(self, channel: channels.Channel | None) -> None:
        if channel is not None:
            Channel(self._connection, channel).reset()

    def _serve(self, handler: Handler[Channel], channel: Channel) -> None:
        """Runs the handler beside the others."""

        async def run() -> None:
            try:
                await settled(handler(channel))
            except Exception as error:
                if not isinstance(error, NetError):
                    logger.error("a handler failed, and its channel was broken off", exc_info=error)
                channel.reset()

        task = asyncio.get_running_loop().create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _message_of(message: topics.TopicMessage) -> TopicMessage:
    return TopicMessage(topic=message.topic, id=message.id, source=message.source, payload=message.data, way=WAYS.word(message.way))
