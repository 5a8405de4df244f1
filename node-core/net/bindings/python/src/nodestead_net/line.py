"""The socket as a line of messages."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import Any, cast

from .errors import NetError, NotConnectedError, WireError
from .wire import FrameReader, encode_frame

#: A node that does not take what was written is not waited for.
_CLOSING_SECONDS = 5.0


class Line(asyncio.Protocol):
    """Cuts what comes into messages for ``on_message``; tells ``on_lost`` once why it is over, whoever ended it."""

    def __init__(self) -> None:
        self._frames = FrameReader()
        self._transport: asyncio.Transport | None = None
        self._over: NetError | None = None
        self._closed = asyncio.Event()
        self.on_message: Callable[[bytes], None] = lambda message: None
        self.on_lost: Callable[[NetError], None] = lambda error: None

    @classmethod
    async def open(cls, path: str) -> Line:
        """Raises a NotConnectedError NET_SOCKET_FAILED. On Windows the path is that of a named pipe."""
        loop = asyncio.get_running_loop()
        line = cls()
        try:
            if sys.platform == "win32":
                if not isinstance(loop, asyncio.ProactorEventLoop):
                    raise OSError("named pipes take the Proactor event loop")
                # It takes any protocol; its stubs know that of streams alone.
                await cast(Any, loop).create_pipe_connection(lambda: line, path)
            else:
                await loop.create_unix_connection(lambda: line, path)
        except (OSError, ValueError) as error:
            raise NotConnectedError("NET_SOCKET_FAILED", f"No node listens on {path}.", hint="Start the node, with its network opened to programs.", data={"path": path}) from error
        return line

    @property
    def over(self) -> NetError | None:
        return self._over

    def write(self, message: bytes) -> None:
        """Raises what the line ended with, or a WireError FRAME_TOO_LONG."""
        if self._over is not None or self._transport is None:
            raise again(self._over) if self._over is not None else _closed()
        self._transport.write(encode_frame(message))

    def fail(self, error: NetError) -> None:
        """Ends it at once, for that reason."""
        self._end(error)
        if self._transport is not None:
            self._transport.abort()

    async def close(self) -> None:
        """What was written goes out. Returns when the connection is gone."""
        self._end(None)
        if self._transport is not None:
            self._transport.close()
            try:
                async with asyncio.timeout(_CLOSING_SECONDS):
                    await self._closed.wait()
            except TimeoutError:
                self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._over is not None:
            return
        try:
            self._frames.push(data)
            while self._over is None and (message := self._frames.next()) is not None:
                self.on_message(message)
        except WireError as error:
            lost = NotConnectedError("NET_CLOSED", "The node said what cannot be understood.")
            lost.__cause__ = error
            self.fail(lost)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(None)
        self._closed.set()

    def _end(self, error: NetError | None) -> None:
        if self._over is not None:
            return
        self._over = error or _closed()
        self.on_lost(self._over)


def _closed() -> NetError:
    return NotConnectedError("NET_CLOSED", "The connection with the node is closed.")


def again(error: NetError) -> NetError:
    """One of its own for each who is told: one that is raised twice has a traceback of both."""
    copy = type(error)(error.code, error.message, hint=error.hint, data=error.data)
    copy.__cause__ = error.__cause__
    return copy
