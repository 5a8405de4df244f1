"""Files of the node, shared by their paths and fetched by the roots of their hash trees. What a program shares or fetches is the node's, and goes on when it is gone."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, cast

from .connection import Connection
from .errors import NetError, error_of
from .proto import resources as proto
from .types import Provider

#: Steps of a fetch on their way from the node.
_CREDIT: Final = 4


@dataclass(frozen=True, slots=True)
class SharedFile:
    #: 64 hexadecimal digits.
    root: str
    #: Absolute, links followed.
    path: str
    #: Bytes.
    length: int
    #: Why it is no longer offered; None where it is.
    withdrawn: str | None


@dataclass(frozen=True, slots=True)
class ResourceRates:
    """Bytes per second that the user of the node has set; 0 for no limit."""

    #: Served to all peers.
    bytes_per_second: int
    #: Served to one.
    peer_bytes_per_second: int
    #: Fetched.
    fetch_bytes_per_second: int


@dataclass(frozen=True, slots=True)
class FetchSource:
    peer: str
    #: Verified, that came from it.
    bytes: int
    bytes_per_second: float
    #: It has the whole file; otherwise it fetches itself, and gives what it has.
    has_all: bool


@dataclass(frozen=True, slots=True)
class FetchState:
    root: str
    #: Where the file is to lie.
    path: str
    #: ``waiting``: it has not begun since the start. ``cancelled``: it was discarded, by whomever.
    state: Literal["waiting", "fetching", "finishing", "paused", "done", "failed", "cancelled"]
    #: Of the whole file in bytes; None until it is proven.
    length: int | None
    #: Of whole leaves of 16 KiB, so a part may count a little more than was asked for.
    wanted_bytes: int | None
    #: Verified and written.
    had_bytes: int
    bytes_per_second: float
    seconds_left: float | None
    #: Peers that are asked.
    sources: tuple[FetchSource, ...]
    #: When it is done: where the bytes are. Those of a range lie at their places in a file beside ``path``.
    file: str | None
    #: Why it failed: NET_RESOURCE_NOBODY where nobody who can be reached has what is missing.
    error: NetError | None


@dataclass(frozen=True, slots=True)
class FetchEnd:
    kind: Literal["done", "failed", "cancelled"]
    #: Where the bytes are, when it is done.
    file: str | None = None
    #: Why it failed.
    error: NetError | None = None


class Fetch:
    """A fetch of the node: it goes on when nobody looks, after a start of the node too."""

    def __init__(self, connection: Connection, status: proto.FetchStatus) -> None:
        self.root: Final = status.root
        #: Where the file is to lie.
        self.path: Final = status.path
        self._connection = connection
        self._last = _state_of(status)
        self._ended: asyncio.Task[FetchEnd] | None = None

    async def state(self) -> FetchState:
        fetches = (await self._connection.call(proto.FETCHES, proto.ListFetchesRequest())).fetches
        now = next((each for each in fetches if (each.path, each.root) == (self.path, self.root)), None)
        if now is not None:
            self._last = _state_of(now)
        elif self._last.state != "done":
            self._last = replace(self._last, state="cancelled")
        return self._last

    async def ended(self) -> FetchEnd:
        """Returns with its first end. One that failed may be taken up again."""
        return await asyncio.shield(self.watch())

    async def progress(self) -> AsyncGenerator[FetchState, None]:
        """How it stands, a few times a second until it has ended; who is slow sees fewer steps. Of one that is over and out of the list, its last step."""
        try:
            async for state in self._steps():
                yield state
        except NetError as error:
            if error.code != "NET_RESOURCE_UNKNOWN" or self._ended is None:
                raise
            await self.ended()
            yield self._last

    async def _steps(self) -> AsyncGenerator[FetchState, None]:
        call = self._connection.open_call(proto.PROGRESS, self._request, credit=_CREDIT)
        try:
            while (status := await call.next()) is not None:
                self._last = _state_of(status)
                yield self._last
        finally:
            call.cancel()

    async def pause(self) -> None:
        """What is here stays. Raises NET_RESOURCE_UNKNOWN where it is over."""
        await self._connection.call(proto.PAUSE, self._request)

    async def resume(self) -> None:
        """Goes on with one that is paused or has failed."""
        await self._connection.call(proto.RESUME, self._request)

    async def cancel(self) -> None:
        """Takes it out of the list, and what is here of a file that is not whole from the disk."""
        await self._connection.call(proto.DISCARD, self._request)

    def watch(self) -> asyncio.Task[FetchEnd]:
        """From now on its end is noticed, when somebody asks later too."""
        if self._ended is None:
            self._ended = asyncio.get_running_loop().create_task(self._watch())
        return self._ended

    @property
    def _request(self) -> proto.FetchPath:
        return proto.FetchPath(path=self.path)

    async def _watch(self) -> FetchEnd:
        try:
            async for state in self._steps():
                if state.state == "done":
                    return FetchEnd("done", file=state.file)
                if state.state == "failed":
                    return FetchEnd("failed", error=state.error)
        except NetError as error:
            return FetchEnd("cancelled") if error.code == "NET_RESOURCE_UNKNOWN" else FetchEnd("failed", error=error)
        return FetchEnd("cancelled")


class Resources:
    """Of :attr:`NetClient.resources`. A program shares and fetches in its folders alone."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def folders(self) -> tuple[str, ...]:
        """In which files may be shared and fetched, absolute, the program's own first; ``*`` for all."""
        return (await self._connection.call(proto.FOLDERS, proto.ResourceFoldersRequest())).folders

    async def rates(self) -> ResourceRates:
        rates = await self._connection.call(proto.RATES, proto.ResourceRatesRequest())
        return ResourceRates(bytes_per_second=rates.served, peer_bytes_per_second=rates.served_to_peer, fetch_bytes_per_second=rates.fetched)

    async def share(self, path: str | os.PathLike[str]) -> SharedFile:
        """Hashes a file and offers it. Raises a ResourceError NET_RESOURCE_FOLDER, _UNREADABLE, _TOO_LONG, _CHANGED or _CATALOGUE_FULL."""
        return _file_of(await self._connection.call(proto.ADD, proto.AddResourceRequest(path=os.fspath(path))))

    async def shared(self) -> tuple[SharedFile, ...]:
        return tuple(_file_of(each) for each in (await self._connection.call(proto.LIST, proto.ListResourcesRequest())).resources)

    async def withdraw(self, root: str) -> bool:
        """Offers it no longer; the file stays. Whether it was there."""
        return (await self._connection.call(proto.REMOVE, proto.ResourceRequest(root=root))).removed

    async def fetch(
        self, root: str, path: str | os.PathLike[str], *, length: int | None = None, part: tuple[int, int] | None = None, peers: Sequence[Provider] = ()
    ) -> Fetch:
        """Begins to fetch a file to a path, in a folder that is there. Raises a ResourceError NET_RESOURCE_FOLDER, _REQUEST, _TWICE or _TOO_MANY.

        ``length``: of the whole file in bytes, where it is known. ``part``: the first byte that is wanted, and the one behind the last; the whole where nothing is said.
        ``peers``: whom to ask, besides those that are found.
        """
        request = proto.FetchRequest(
            root=root,
            path=os.fspath(path),
            length=length,
            range=None if part is None else proto.ByteRange(from_=part[0], to=part[1]),
            peers=tuple(proto.ResourceProvider(peer=each.peer, addresses=tuple(each.addresses)) for each in peers),
        )
        fetch = Fetch(self._connection, await self._connection.call(proto.FETCH, request, on_late=self._discard))
        # It may be out of the list when somebody asks.
        fetch.watch()
        return fetch

    async def fetches(self) -> tuple[Fetch, ...]:
        """Those that are not done, and those that ended of late."""
        return tuple(Fetch(self._connection, each) for each in (await self._connection.call(proto.FETCHES, proto.ListFetchesRequest())).fetches)

    def _discard(self, status: proto.FetchStatus) -> None:
        self._connection.notify(proto.DISCARD, proto.FetchPath(path=status.path))


def _file_of(resource: proto.Resource) -> SharedFile:
    return SharedFile(root=resource.root, path=resource.path, length=resource.length, withdrawn=resource.withdrawn or None)


def _state_of(status: proto.FetchStatus) -> FetchState:
    failure = status.failure
    return FetchState(
        root=status.root,
        path=status.path,
        state=cast(Literal["waiting", "fetching", "finishing", "paused", "done", "failed", "cancelled"], status.state),
        length=status.length,
        wanted_bytes=status.wanted_bytes,
        had_bytes=status.had_bytes,
        bytes_per_second=status.bytes_per_second,
        seconds_left=status.seconds_left,
        sources=tuple(FetchSource(each.peer, each.bytes, each.bytes_per_second, each.has_all) for each in status.sources),
        file=status.file or None,
        error=None if failure is None else error_of(failure.code, failure.message, hint=failure.hint, data=failure.data),
    )
