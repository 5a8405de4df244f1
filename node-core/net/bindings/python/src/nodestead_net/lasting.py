"""What lasts until it is closed: how it is opened, and how what comes on it is read."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Coroutine, Generator
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

from .connection import OpenCall
from .errors import ChannelError, NetError
from .line import again

logger = logging.getLogger("nodestead_net")

T = TypeVar("T")


class Closable(Protocol):
    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None, /) -> None: ...


C = TypeVar("C", bound=Closable)

#: What is called for each thing that comes; the next one waits for what it awaits.
Handler = Callable[[T], Awaitable[object] | None]


class Opening(Generic[C]):
    """Awaited, it gives what is opened; in ``async with`` that is closed at the end of the block as well."""

    def __init__(self, opening: Coroutine[Any, Any, C]) -> None:
        self._opening = opening
        self._opened: C | None = None

    def __await__(self) -> Generator[Any, None, C]:
        return self._opening.__await__()

    async def __aenter__(self) -> C:
        self._opened = await self._opening
        return await self._opened.__aenter__()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        if self._opened is not None:
            await self._opened.__aexit__(kind, error, traceback)


class Reading(Generic[T]):
    """One reader at a time of what comes: whoever iterates, or a handler until it is detached."""

    def __init__(self, what: str, take: Callable[[], Awaitable[T | None]]) -> None:
        """``what`` is named in errors; ``take`` waits for the next thing, gives None at the end, and loses nothing when it is cancelled."""
        self._what = what
        self._take = take
        self._has_reader = False
        self._pumps: set[asyncio.Task[None]] = set()

    async def next(self) -> T:
        """Raises StopAsyncIteration at the end, and CHANNEL_INVALID where there is a reader."""
        self._claim()
        try:
            item = await self._take()
        finally:
            self._has_reader = False
        if item is None:
            raise StopAsyncIteration
        return item

    def handle(self, handler: Handler[T], on_failure: Callable[[BaseException], None]) -> Callable[[], None]:
        """``on_failure`` hears what the handler raised. Returns what detaches it. Raises CHANNEL_INVALID where there is a reader."""
        self._claim()
        pump = _Pump(self._take, handler, on_failure)
        task = asyncio.get_running_loop().create_task(pump.run())
        self._pumps.add(task)
        task.add_done_callback(self._pumps.discard)

        def detach() -> None:
            if pump.is_detached:
                return
            pump.is_detached = True
            self._has_reader = False
            # While the handler works it is let be, and what comes next is not its own.
            if pump.is_waiting:
                task.cancel()

        return detach

    def _claim(self) -> None:
        if self._has_reader:
            raise ChannelError("CHANNEL_INVALID", f"The {self._what} has a reader already.")
        self._has_reader = True


class _Pump(Generic[T]):
    def __init__(self, take: Callable[[], Awaitable[T | None]], handler: Handler[T], on_failure: Callable[[BaseException], None]) -> None:
        self.is_detached = False
        self.is_waiting = True
        self._take = take
        self._handler = handler
        self._on_failure = on_failure

    async def run(self) -> None:
        while not self.is_detached:
            self.is_waiting = True
            try:
                item = await self._take()
            except NetError:
                return  # Who asks how it ended is told there.
            self.is_waiting = False
            if item is None:
                return
            try:
                await settled(self._handler(item))
            except Exception as error:
                self._on_failure(error)


async def settled(result: Awaitable[object] | None) -> None:
    if inspect.isawaitable(result):
        await result


class Lasting:
    """It stands until it is closed, the node ends it, or the connection is lost. In ``async with`` it is closed at the end of the block."""

    def __init__(self, call: OpenCall[Any]) -> None:
        self._call = call

    @property
    def dropped(self) -> int:
        """What this program took too slowly and lost."""
        return self._call.dropped

    async def close(self) -> None:
        """Returns when the node has ended it. Idempotent."""
        self._call.cancel()
        await self._call.wait_ended()

    async def wait_closed(self) -> None:
        """Returns when it is over; raises what it ended with where the node or a lost connection ended it."""
        await self._call.wait_ended()
        if self._call.error is not None:
            raise again(self._call.error)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        await self.close()


class Subscription(Lasting, Generic[T]):
    """What comes, one at a time, by ``async for``: whoever comes for the next has done with the one before. Ends when it is closed or nothing more comes."""

    def __init__(self, what: str, call: OpenCall[Any], take: Callable[[], Awaitable[T | None]], handler: Handler[T] | None = None) -> None:
        super().__init__(call)
        self._reading = Reading(what, take)
        if handler is not None:
            self.handle(handler)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        """Raises what it ended with where the node or a lost connection ended it."""
        return await self._reading.next()

    def handle(self, handler: Handler[T]) -> Callable[[], None]:
        """Calls for each instead. One that raises has had its message, and is logged. Returns what detaches it."""
        return self._reading.handle(handler, lambda error: logger.error("a handler failed", exc_info=error))
