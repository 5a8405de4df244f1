"""The service Resources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ..message import Message, double, flag, many, maybe_double, maybe_uint, one, text, texts, uint
from .session import Failure, Streaming, Unary


@dataclass(frozen=True, kw_only=True)
class ResourceFoldersRequest(Message):
    pass


@dataclass(frozen=True, kw_only=True)
class ResourceFoldersResponse(Message):
    folders: tuple[str, ...] = texts(1)


@dataclass(frozen=True, kw_only=True)
class ResourceRatesRequest(Message):
    pass


@dataclass(frozen=True, kw_only=True)
class ResourceRates(Message):
    served: int = uint(1)
    served_to_peer: int = uint(2)
    fetched: int = uint(3)


@dataclass(frozen=True, kw_only=True)
class AddResourceRequest(Message):
    path: str = text(1)


@dataclass(frozen=True, kw_only=True)
class ResourceRequest(Message):
    root: str = text(1)


@dataclass(frozen=True, kw_only=True)
class Resource(Message):
    root: str = text(1)
    length: int = uint(2)
    path: str = text(3)
    withdrawn: str = text(4)


@dataclass(frozen=True, kw_only=True)
class RemoveResourceResponse(Message):
    removed: bool = flag(1)


@dataclass(frozen=True, kw_only=True)
class ListResourcesRequest(Message):
    pass


@dataclass(frozen=True, kw_only=True)
class ListResourcesResponse(Message):
    resources: tuple[Resource, ...] = many(1, Resource)


@dataclass(frozen=True, kw_only=True)
class ResourceProvider(Message):
    peer: str = text(1)
    addresses: tuple[str, ...] = texts(2)


@dataclass(frozen=True, kw_only=True)
class ByteRange(Message):
    from_: int = uint(1)
    to: int = uint(2)


@dataclass(frozen=True, kw_only=True)
class FetchRequest(Message):
    root: str = text(1)
    path: str = text(2)
    length: int | None = maybe_uint(3)
    range: ByteRange | None = one(4, ByteRange)
    peers: tuple[ResourceProvider, ...] = many(5, ResourceProvider)


@dataclass(frozen=True, kw_only=True)
class FetchPath(Message):
    path: str = text(1)


@dataclass(frozen=True, kw_only=True)
class ListFetchesRequest(Message):
    pass


@dataclass(frozen=True, kw_only=True)
class FetchSource(Message):
    peer: str = text(1)
    bytes: int = uint(2)
    bytes_per_second: float = double(3)
    has_all: bool = flag(4)


@dataclass(frozen=True, kw_only=True)
class FetchStatus(Message):
    root: str = text(1)
    path: str = text(2)
    state: str = text(3)
    length: int | None = maybe_uint(4)
    wanted_bytes: int | None = maybe_uint(5)
    had_bytes: int = uint(6)
    bytes_per_second: float = double(7)
    peers: int = uint(8)
    failure: Failure | None = one(9, Failure)
    seconds_left: float | None = maybe_double(10)
    sources: tuple[FetchSource, ...] = many(11, FetchSource)
    file: str = text(12)


@dataclass(frozen=True, kw_only=True)
class ListFetchesResponse(Message):
    fetches: tuple[FetchStatus, ...] = many(1, FetchStatus)


@dataclass(frozen=True, kw_only=True)
class DiscardResponse(Message):
    pass


_SERVICE = "nodestead.net.v1.Resources"
FOLDERS: Final = Unary(f"{_SERVICE}/Folders", ResourceFoldersRequest, ResourceFoldersResponse)
RATES: Final = Unary(f"{_SERVICE}/Rates", ResourceRatesRequest, ResourceRates)
ADD: Final = Unary(f"{_SERVICE}/Add", AddResourceRequest, Resource)
LIST: Final = Unary(f"{_SERVICE}/List", ListResourcesRequest, ListResourcesResponse)
REMOVE: Final = Unary(f"{_SERVICE}/Remove", ResourceRequest, RemoveResourceResponse)
FETCH: Final = Unary(f"{_SERVICE}/Fetch", FetchRequest, FetchStatus)
FETCHES: Final = Unary(f"{_SERVICE}/Fetches", ListFetchesRequest, ListFetchesResponse)
PROGRESS: Final = Streaming(f"{_SERVICE}/Progress", FetchPath, FetchStatus)
PAUSE: Final = Unary(f"{_SERVICE}/Pause", FetchPath, FetchStatus)
RESUME: Final = Unary(f"{_SERVICE}/Resume", FetchPath, FetchStatus)
DISCARD: Final = Unary(f"{_SERVICE}/Discard", FetchPath, DiscardResponse)
