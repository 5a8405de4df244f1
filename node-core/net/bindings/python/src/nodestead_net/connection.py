"""A program's connection with the node: who the program is, then a session of calls.

Calls with one answer are awaited. Items of a call with many are taken one at a time; the node is granted more as whoever takes them comes back for the next, so that a
slow program holds or loses what the method says, and keeps no more than its credit itself.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from .errors import NetError, error_of
from .line import Line, again
from .message import Message
from .proto import session as proto
from .wire import malformed

Q = TypeVar("Q", bound=Message)
A = TypeVar("A", bound=Message)

_LAST_ID = 0xFFFF_FFFE


class _Waiting(Protocol):
    """A call that runs: what its frames are for."""

    def on_frame(self, frame: proto.NodeFrame) -> None: ...

    def fail(self, error: NetError) -> None: ...


class Connection:
    """Made by :meth:`open`. When it is lost, whoever waits is told NET_CLOSED."""

    def __init__(self, line: Line, welcome: proto.Welcome) -> None:
        self.welcome = welcome
        self._line = line
        self._calls: dict[int, _Waiting] = {}
        self._last_id = 0
        self._lost = asyncio.Event()
        line.on_message = self._on_message
        line.on_lost = self._on_lost
        if line.over is not None:
            self._on_lost(line.over)

    @classmethod
    async def open(cls, path: str, *, token: str = "", software: str = "nodestead python") -> Connection:
        """Raises NET_SOCKET_FAILED where nobody listens, and what the node says: NET_TOKEN_UNKNOWN, NET_VERSION_UNSUPPORTED, NET_TOO_MANY_CLIENTS."""
        line = await Line.open(path)
        try:
            hello = proto.Hello(version=proto.SESSION_VERSION, token=token, client=software)
            answer = await _ask(line, proto.DaemonRequest(type=proto.HELLO, hello=hello.encode()))
            welcome = proto.Welcome.decode(answer.welcome)
            await _ask(line, proto.DaemonRequest(type=proto.SESSION))
        except BaseException:
            await line.close()
            raise
        return cls(line, welcome)

    @property
    def is_open(self) -> bool:
        return self._line.over is None

    async def call(self, method: proto.Unary[Q, A], request: Q, *, on_late: Callable[[A], None] | None = None) -> A:
        """Raises the node's error. Where the task is cancelled the node is told, and an answer that comes after that is for ``on_late``."""
        pending = _Call(method.answer, on_late)
        call_id = self._begin(pending, method.name, request)
        try:
            return await pending.answer
        except asyncio.CancelledError:
            pending.abandon()
            self.cancel(call_id)
            raise

    def notify(self, method: proto.Unary[Q, A], request: Q) -> None:
        """A call of whose answer nobody hears. Where the connection is lost, the node has ended what it is about."""
        if self.is_open:
            pending = _Call(method.answer, None)
            pending.abandon()
            self._begin(pending, method.name, request)

    def open_call(self, method: proto.Streaming[Q, A], request: Q, *, credit: int, on_unwanted: Callable[[A], None] | None = None) -> OpenCall[A]:
        """``credit``: items that may be on their way. ``on_unwanted``: for those that come or wait when the call is cancelled."""
        opened = OpenCall(self, method.answer, credit, on_unwanted)
        opened.id = self._begin(opened, method.name, request, credit)
        return opened

    def cancel(self, call_id: int) -> None:
        """Does nothing where the call has ended."""
        if call_id in self._calls:
            self._write(proto.ClientFrame(id=call_id, cancel=proto.Cancel()))

    def grant(self, call_id: int, items: int) -> None:
        if call_id in self._calls:
            self._write(proto.ClientFrame(id=call_id, grant=proto.Grant(items=items)))

    async def close(self) -> None:
        """Who waits is told NET_CLOSED. Idempotent."""
        await self._line.close()

    async def wait_lost(self) -> None:
        """Returns when the connection is gone, whoever ended it."""
        await self._lost.wait()

    def _begin(self, waiting: _Waiting, method: str, request: Message, credit: int = 0) -> int:
        if self._line.over is not None:
            raise again(self._line.over)
        # Ids of calls that last are passed over when the numbers begin again.
        call_id = self._last_id % _LAST_ID + 1
        while call_id in self._calls:
            call_id = call_id % _LAST_ID + 1
        self._last_id = call_id
        self._write(proto.ClientFrame(id=call_id, call=proto.Call(method=method, request=request.encode(), credit=credit)))
        self._calls[call_id] = waiting
        return call_id

    def _write(self, frame: proto.ClientFrame) -> None:
        self._line.write(frame.encode())

    def _on_message(self, message: bytes) -> None:
        frame = proto.NodeFrame.decode(message)
        waiting = self._calls.get(frame.id)
        if waiting is None:
            return
        # What cannot be understood ends the connection, and so this call with the others.
        waiting.on_frame(frame)
        if frame.item is None:
            self._calls.pop(frame.id, None)

    def _on_lost(self, error: NetError) -> None:
        calls = list(self._calls.values())
        self._calls.clear()
        self._lost.set()
        for waiting in calls:
            waiting.fail(again(error))


class _Call(Generic[A]):
    """One answer."""

    def __init__(self, answer: type[A], on_late: Callable[[A], None] | None) -> None:
        self.answer: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._type = answer
        self._on_late = on_late

    def abandon(self) -> None:
        """Nobody waits any more; the answer may be there."""
        if not self.answer.cancel() and not self.answer.cancelled() and self.answer.exception() is None and self._on_late is not None:
            self._on_late(self.answer.result())

    def on_frame(self, frame: proto.NodeFrame) -> None:
        if frame.reply is None:
            return self.fail(_failure_of(frame))
        answer = self._type.decode(frame.reply.response)
        if not self.answer.done():
            self.answer.set_result(answer)
        elif self._on_late is not None:
            self._on_late(answer)

    def fail(self, error: NetError) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


class OpenCall(Generic[A]):
    """A call with many answers. One task at a time takes them."""

    def __init__(self, connection: Connection, item: type[A], credit: int, on_unwanted: Callable[[A], None] | None) -> None:
        self.id = 0
        #: Items that were lost in front of those that came, because the program was too slow.
        self.dropped = 0
        #: In front of the one that was taken last.
        self.lost = 0
        self._connection = connection
        self._type = item
        self._credit = credit
        self._on_unwanted = on_unwanted
        #: Each with what was lost in front of it.
        self._items: deque[tuple[A, int]] = deque()
        #: Handed out; and those for which nothing was granted yet.
        self._taken = 0
        self._untaken_credit = credit
        self._is_cancelled = False
        self._is_over = False
        self._error: NetError | None = None
        self._wake = asyncio.Event()
        self._ended = asyncio.Event()

    async def next(self) -> A | None:
        """The next item, or None at the end. Raises the node's error. One that is cancelled loses nothing."""
        self._settle()
        while not self._items:
            if self._error is not None and not self._is_cancelled:
                raise again(self._error)
            if self._is_over or self._is_cancelled:
                return None
            self._wake.clear()
            await self._wake.wait()
        self._taken += 1
        item, self.lost = self._items.popleft()
        return item

    def cancel(self) -> None:
        """What waits is not handed out any more. Idempotent."""
        if self._is_cancelled:
            return
        self._is_cancelled = True
        if not self._is_over:
            self._connection.cancel(self.id)
        self._forget()
        self._wake.set()

    async def wait_ended(self) -> None:
        """Returns when the node has ended it, or is gone."""
        await self._ended.wait()

    @property
    def error(self) -> NetError | None:
        """What it ended with; None while it runs, where it ended in good order, and where it was cancelled."""
        return None if self._is_cancelled else self._error

    def on_frame(self, frame: proto.NodeFrame) -> None:
        if frame.item is None:
            if frame.end is not None:
                self.dropped += frame.end.dropped
            return self._end(None if frame.end is not None else _failure_of(frame))
        self.dropped += frame.item.dropped
        if self._untaken_credit == 0:
            raise malformed("the node sends more items than it was granted")
        self._untaken_credit -= 1
        self._items.append((self._type.decode(frame.item.message), frame.item.dropped))
        if self._is_cancelled:
            self._forget()
        self._wake.set()

    def fail(self, error: NetError) -> None:
        self._end(error)

    def _end(self, error: NetError | None) -> None:
        self._is_over = True
        self._error = error
        self._wake.set()
        self._ended.set()

    def _settle(self) -> None:
        """Whoever comes for an item has done with the one before."""
        if self._taken * 2 < self._credit:
            return
        self._untaken_credit += self._taken
        self._connection.grant(self.id, self._taken)
        self._taken = 0

    def _forget(self) -> None:
        while self._items:
            item, _ = self._items.popleft()
            if self._on_unwanted is not None:
                self._on_unwanted(item)


def _failure_of(frame: proto.NodeFrame) -> NetError:
    """With the code that it has in the node."""
    if frame.failure is None:
        return error_of("NET_INTERNAL", "The node answered with something else than was asked for.")
    code, message = frame.failure.code, frame.failure.message
    return error_of(code, message, hint=frame.failure.hint, data=frame.failure.data)


async def _ask(line: Line, request: proto.DaemonRequest) -> proto.DaemonResponse:
    """One request of the daemon's protocol, in front of the session."""
    coming: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def on_message(message: bytes) -> None:
        if coming.done():
            raise malformed("nothing was asked for")
        coming.set_result(message)

    def on_lost(error: NetError) -> None:
        if not coming.done():
            coming.set_exception(error)

    line.on_message, line.on_lost = on_message, on_lost
    line.write(request.encode())
    answer = proto.DaemonResponse.decode(await coming)
    if answer.error is not None:
        raise error_of(answer.error.code or "NET_INTERNAL", answer.error.msg)
    return answer
