"""A channel of the node. Its messages are asked for when somebody reads; until then they wait in the node and hold their sender."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Final, Literal, Self, cast

from .connection import Connection, OpenCall
from .errors import ChannelError, NetError
from .figures import channel_metrics_of
from .lasting import Handler, Reading, logger
from .proto import channels as proto
from .types import ChannelMetrics, ChannelState
from .words import CLASSES, PATHS

#: Messages on their way from the node.
_CREDIT: Final = 16


class Channel:
    """Messages both ways with one peer: whole, in order, each once. In ``async with`` it is closed at the end of the block, and broken off where that raises.

    Messages are read by ``async for message in channel``, one of them by ``await anext(channel)``, or by a handler; one reader at a time.
    """

    def __init__(self, connection: Connection, opened: proto.Channel) -> None:
        state = opened.state or proto.ChannelState()
        self.id: Final = state.channel
        #: Peer id.
        self.peer: Final = state.peer
        self.service: Final = state.service
        #: What the side that opened it sent along.
        self.metadata: Final = opened.metadata
        #: The longest message that the other side takes.
        self.max_message_bytes: Final = opened.max_message_bytes
        self._connection = connection
        self._reading = Reading[bytes]("channel", self._take)
        self._receiving: OpenCall[proto.ChannelMessage] | None = None
        self._closed: asyncio.Task[ChannelError | None] | None = None

    async def state(self) -> ChannelState:
        return state_of(await self._connection.call(proto.STATE, self._request))

    async def metrics(self) -> ChannelMetrics:
        return channel_metrics_of(await self._connection.call(proto.METRICS, self._request))

    async def send(self, message: bytes, *, confirm: bool = False) -> None:
        """Returns when there is room for more, or with ``confirm`` when the other side's node has the message: whoever awaits it is held as the other side takes it.

        Raises a ChannelError CHANNEL_TOO_LARGE, CHANNEL_QUEUE_FULL, CHANNEL_CLOSED, CHANNEL_RESET or CHANNEL_LOST.
        """
        await self._connection.call(proto.SEND, proto.SendRequest(channel=self.id, data=message, confirm=confirm))

    def on_message(self, handler: Handler[bytes]) -> Callable[[], None]:
        """Calls for each message, one after the other; one that raises breaks the channel off. Returns what detaches it. Raises CHANNEL_INVALID where there is a reader."""
        return self._reading.handle(handler, self._on_failure)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        """Raises a ChannelError where it ended in bad order."""
        return await self._reading.next()

    async def end(self) -> None:
        """Sends no more; messages go on coming. Returns when the other side has everything."""
        await self._connection.call(proto.END, self._request)

    async def close(self) -> None:
        """Sends what waits, and takes no more messages. Returns when the other side has everything."""
        await self._connection.call(proto.CLOSE, self._request)

    def reset(self) -> None:
        """Breaks it off: what waits here and there is dropped."""
        self._connection.notify(proto.RESET, self._request)

    async def closed(self) -> ChannelError | None:
        """Returns when both directions have ended: None where in good order, otherwise why not."""
        if self._closed is None:
            self._closed = asyncio.get_running_loop().create_task(self._ending())
        return await asyncio.shield(self._closed)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        if error is None:
            await self.close()
        else:
            self.reset()

    @property
    def _request(self) -> proto.ChannelRequest:
        return proto.ChannelRequest(channel=self.id)

    async def _take(self) -> bytes | None:
        if self._receiving is None:
            self._receiving = self._connection.open_call(proto.RECEIVE, self._request, credit=_CREDIT)
        message = await self._receiving.next()
        return None if message is None else message.data

    async def _ending(self) -> ChannelError | None:
        try:
            await self._connection.call(proto.CLOSED, self._request)
        except ChannelError as error:
            return error
        except NetError as error:
            lost = ChannelError("CHANNEL_LOST", "The connection with the node was lost.")
            lost.__cause__ = error
            return lost
        return None

    def _on_failure(self, error: BaseException) -> None:
        logger.error("a handler failed, and its channel was broken off", exc_info=error)
        self.reset()


def state_of(state: proto.ChannelState) -> ChannelState:
    return ChannelState(
        id=state.channel,
        peer=state.peer,
        service=state.service,
        class_=CLASSES.word(state.class_) or "normal",
        direction="inbound" if state.inbound else "outbound",
        open=state.open,
        phase=cast(Literal["open", "sending", "receiving", "closed"], state.phase),
        found=state.found,
        path=PATHS.word(state.path),
    )
