"""Who the program is, as requests of the libp2p daemon's protocol, and the frames of the session behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from ..message import Message, blob, mapping, one, text, texts, uint

SESSION_VERSION: Final = 1

#: Types of the daemon's requests.
HELLO: Final = 1000
SESSION: Final = 1001

Q = TypeVar("Q", bound=Message)
A = TypeVar("A", bound=Message)


@dataclass(frozen=True)
class Unary(Generic[Q, A]):
    """A method with one answer. The name is as it stands in a call: ``nodestead.net.v1.Node/Status``."""

    name: str
    request: type[Q]
    answer: type[A]


@dataclass(frozen=True)
class Streaming(Generic[Q, A]):
    """A method with many answers."""

    name: str
    request: type[Q]
    answer: type[A]


@dataclass(frozen=True, kw_only=True)
class DaemonRequest(Message):
    type: int = uint(1)
    hello: bytes = blob(1000)


@dataclass(frozen=True, kw_only=True)
class DaemonError(Message):
    msg: str = text(1)
    code: str = text(1000)


@dataclass(frozen=True, kw_only=True)
class DaemonResponse(Message):
    type: int = uint(1)
    error: DaemonError | None = one(2, DaemonError)
    welcome: bytes = blob(1000)


@dataclass(frozen=True, kw_only=True)
class Hello(Message):
    version: int = uint(1)
    token: str = text(2)
    client: str = text(3)


@dataclass(frozen=True, kw_only=True)
class Welcome(Message):
    version: int = uint(1)
    program: str = text(2)
    scopes: tuple[str, ...] = texts(3)
    peer_id: str = text(4)
    node_version: str = text(5)


@dataclass(frozen=True, kw_only=True)
class Call(Message):
    method: str = text(1)
    request: bytes = blob(2)
    credit: int = uint(3)


@dataclass(frozen=True, kw_only=True)
class Cancel(Message):
    pass


@dataclass(frozen=True, kw_only=True)
class Grant(Message):
    items: int = uint(1)


@dataclass(frozen=True, kw_only=True)
class ClientFrame(Message):
    id: int = uint(1)
    call: Call | None = one(2, Call)
    cancel: Cancel | None = one(3, Cancel)
    grant: Grant | None = one(4, Grant)


@dataclass(frozen=True, kw_only=True)
class Reply(Message):
    response: bytes = blob(1)


@dataclass(frozen=True, kw_only=True)
class Item(Message):
    message: bytes = blob(1)
    dropped: int = uint(2)


@dataclass(frozen=True, kw_only=True)
class End(Message):
    dropped: int = uint(1)


@dataclass(frozen=True, kw_only=True)
class Failure(Message):
    code: str = text(1)
    message: str = text(2)
    hint: str = text(3)
    data: Mapping[str, str] = mapping(4)


@dataclass(frozen=True, kw_only=True)
class NodeFrame(Message):
    id: int = uint(1)
    reply: Reply | None = one(2, Reply)
    item: Item | None = one(3, Item)
    end: End | None = one(4, End)
    failure: Failure | None = one(5, Failure)


@dataclass(frozen=True, kw_only=True)
class Ready(Message):
    pass


@dataclass(frozen=True, kw_only=True)
class Count(Message):
    messages: int = uint(1)
    bytes: int = uint(2)


@dataclass(frozen=True, kw_only=True)
class CloseResponse(Message):
    pass
