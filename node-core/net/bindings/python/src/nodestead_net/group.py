"""A group of the node: one message to many peers, each over a channel of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Final, Literal, Self, cast

from .connection import Connection, OpenCall
from .errors import ChannelError, NetError
from .lasting import Handler, Reading, logger
from .proto import groups as proto
from .types import Count, GroupMessage, GroupMetrics, GroupState, MemberState, Outcome
from .words import PATHS, count_of

#: Messages on their way from the node.
_CREDIT: Final = 16


class Sending:
    """A message on its way to members of a group."""

    def __init__(self, peers: Sequence[str], call: OpenCall[proto.GroupSendEvent]) -> None:
        self.peers: Final = tuple(peers)
        loop = asyncio.get_running_loop()
        self._room: asyncio.Future[None] = loop.create_future()
        self._outcomes: dict[str, asyncio.Future[Outcome]] = {peer: loop.create_future() for peer in peers}
        self._following = loop.create_task(self._follow(call))

    async def room(self) -> None:
        """Returns when there is room with every member for another message: at once but where messages are held."""
        await asyncio.shield(self._room)

    async def outcome(self, peer: str) -> Outcome:
        """What became of it for one of the peers; a lost connection with the node is ``failed``."""
        return await asyncio.shield(self._outcomes[peer])

    async def outcomes(self) -> dict[str, Outcome]:
        return {peer: await self.outcome(peer) for peer in self.peers}

    async def _follow(self, call: OpenCall[proto.GroupSendEvent]) -> None:
        try:
            while (event := await call.next()) is not None:
                if event.outcome is None:
                    self._tell_room()
                elif (outcome := self._outcomes.get(event.outcome.peer)) is not None and not outcome.done():
                    outcome.set_result(cast(Outcome, event.outcome.outcome))
        except NetError:
            pass  # What is not known then has failed.
        finally:
            self._tell_room()
            for outcome in self._outcomes.values():
                if not outcome.done():
                    outcome.set_result("failed")

    def _tell_room(self) -> None:
        if not self._room.done():
            self._room.set_result(None)


class Group:
    """Made by :meth:`NetClient.group`. In ``async with`` it is closed at the end of the block. Messages are read as those of a channel are."""

    def __init__(self, connection: Connection, opened: proto.GroupState) -> None:
        self.name: Final = opened.group
        self._connection = connection
        self._members = {member.peer: None for member in opened.members}
        self._reading = Reading[GroupMessage]("group", self._take)
        self._receiving: OpenCall[proto.GroupMessage] | None = None
        self._is_open = True

    async def state(self) -> GroupState:
        state = await self._connection.call(proto.STATE, self._request)
        return GroupState(name=state.group, open=state.open, members=_members_of(state))

    async def metrics(self) -> GroupMetrics:
        state = await self._connection.call(proto.STATE, self._request)
        members = _members_of(state)
        return GroupMetrics(
            delivered=_sum([member.delivered for member in members]),
            queued=_sum([member.queued for member in members]),
            received=count_of(state.received),
            dropped=sum(member.dropped for member in members),
            failed=sum(member.failed for member in members),
        )

    async def add(self, peer: str) -> None:
        await self._connection.call(proto.ADD, proto.MemberRequest(group=self.name, peer=peer))
        self._members[peer] = None

    async def remove(self, peer: str) -> None:
        self._members.pop(peer, None)
        await self._connection.call(proto.REMOVE, proto.MemberRequest(group=self.name, peer=peer))

    def send(self, message: bytes) -> Sending:
        """To all members. Raises a ChannelError CHANNEL_CLOSED."""
        return self._send(list(self._members), message, "")

    def unicast(self, peer: str, message: bytes) -> Sending:
        """To one of them. Raises a ChannelError CHANNEL_CLOSED, or CHANNEL_INVALID where the peer is no member."""
        if peer not in self._members:
            raise ChannelError("CHANNEL_INVALID", f"{peer} is no member of the group {self.name}.")
        return self._send([peer], message, peer)

    def on_message(self, handler: Handler[GroupMessage]) -> Callable[[], None]:
        """Calls for each message, one after the other. One that raises has had its message, and is logged. Raises CHANNEL_INVALID where there is a reader."""
        return self._reading.handle(handler, lambda error: logger.error("a handler failed", exc_info=error))

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> GroupMessage:
        return await self._reading.next()

    async def close(self) -> None:
        """Idempotent."""
        if not self._is_open:
            return
        self._is_open = False
        await self._connection.call(proto.CLOSE, self._request)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        if error is None or self._connection.is_open:
            await self.close()

    @property
    def _request(self) -> proto.GroupRequest:
        return proto.GroupRequest(group=self.name)

    def _send(self, peers: Sequence[str], message: bytes, peer: str) -> Sending:
        if not self._is_open:
            raise ChannelError("CHANNEL_CLOSED", f"The group {self.name} is not open.")
        request = proto.GroupSendRequest(group=self.name, data=message, peer=peer)
        return Sending(peers, self._connection.open_call(proto.SEND, request, credit=len(peers) + 2))

    async def _take(self) -> GroupMessage | None:
        if self._receiving is None:
            self._receiving = self._connection.open_call(proto.RECEIVE, self._request, credit=_CREDIT)
        message = await self._receiving.next()
        return None if message is None else GroupMessage(peer=message.from_, payload=message.data)


def _members_of(state: proto.GroupState) -> tuple[MemberState, ...]:
    return tuple(
        MemberState(
            peer=member.peer,
            phase=cast(Literal["opening", "open", "waiting"], member.phase),
            path=PATHS.word(member.path),
            delivered=count_of(member.delivered),
            queued=count_of(member.queued),
            dropped=member.dropped,
            failed=member.failed,
        )
        for member in state.members
    )


def _sum(counts: Sequence[Count]) -> Count:
    return Count(messages=sum(count.messages for count in counts), bytes=sum(count.bytes for count in counts))
