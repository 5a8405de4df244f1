"""Sealed messages for a service, each acknowledged when the program has done with it."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

from .connection import Connection, OpenCall
from .lasting import Handler, Subscription, settled
from .proto import sealed as proto
from .types import SealedMessage


class Letters(Subscription[SealedMessage]):
    """Sealed messages by ``async for``. The node takes one for delivered when the program comes for the next, or closes this in good order; what was handed out and not
    done with comes again later: where the block of ``async with`` raises, or the program is gone."""

    def __init__(self, connection: Connection, call: OpenCall[proto.SealedEvent], handler: Handler[SealedMessage] | None = None) -> None:
        self._connection = connection
        self._messages = call
        #: Of the message that was handed out and is not acknowledged.
        self._number: int | None = None
        super().__init__("service", call, self._take, handler)

    def handle(self, handler: Handler[SealedMessage]) -> Callable[[], None]:
        """Calls for each instead. A message counts as delivered when the handler is done with it, whatever comes of that."""

        async def acknowledging(message: SealedMessage) -> None:
            number, self._number = self._number, None
            try:
                await settled(handler(message))
            finally:
                self._acknowledge(number)

        return super().handle(acknowledging)

    async def close(self) -> None:
        self._done()
        await super().close()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        if error is not None:
            self._number = None
        await self.close()

    async def _take(self) -> SealedMessage | None:
        self._done()
        event = await self._messages.next()
        if event is None or event.message is None:
            return None
        message = event.message
        self._number = message.number
        return SealedMessage(sender=message.sender, service=message.service, payload=message.data, time=message.time, kept=message.kept)

    def _done(self) -> None:
        number, self._number = self._number, None
        self._acknowledge(number)

    def _acknowledge(self, number: int | None) -> None:
        # One that nobody waits for any more comes again.
        if number is not None:
            self._connection.notify(proto.ACKNOWLEDGE, proto.AcknowledgeSealedRequest(number=number))
