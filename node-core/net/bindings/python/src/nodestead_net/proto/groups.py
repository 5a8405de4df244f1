"""The service Groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ..message import Message, blob, flag, many, one, text, texts, uint
from .session import CloseResponse, Count, Ready, Streaming, Unary


@dataclass(frozen=True, kw_only=True)
class OpenGroupRequest(Message):
    address: str = text(1)
    members: tuple[str, ...] = texts(2)
    class_: int = uint(3)
    max_message_bytes: int = uint(4)
    queue_messages: int = uint(5)
    queue_bytes: int = uint(6)
    when_full: int = uint(7)


@dataclass(frozen=True, kw_only=True)
class GroupRequest(Message):
    group: str = text(1)


@dataclass(frozen=True, kw_only=True)
class MemberRequest(Message):
    group: str = text(1)
    peer: str = text(2)


@dataclass(frozen=True, kw_only=True)
class GroupSendRequest(Message):
    group: str = text(1)
    data: bytes = blob(2)
    peer: str = text(3)


@dataclass(frozen=True, kw_only=True)
class MemberOutcome(Message):
    peer: str = text(1)
    outcome: str = text(2)


@dataclass(frozen=True, kw_only=True)
class GroupSendEvent(Message):
    room: Ready | None = one(1, Ready)
    outcome: MemberOutcome | None = one(2, MemberOutcome)


@dataclass(frozen=True, kw_only=True)
class MemberState(Message):
    peer: str = text(1)
    phase: str = text(2)
    path: int = uint(3)
    delivered: Count | None = one(4, Count)
    queued: Count | None = one(5, Count)
    dropped: int = uint(6)
    failed: int = uint(7)


@dataclass(frozen=True, kw_only=True)
class GroupState(Message):
    group: str = text(1)
    open: bool = flag(2)
    members: tuple[MemberState, ...] = many(3, MemberState)
    received: Count | None = one(4, Count)


@dataclass(frozen=True, kw_only=True)
class GroupMessage(Message):
    from_: str = text(1)
    data: bytes = blob(2)


_SERVICE = "nodestead.net.v1.Groups"
OPEN: Final = Unary(f"{_SERVICE}/Open", OpenGroupRequest, GroupState)
CLOSE: Final = Unary(f"{_SERVICE}/Close", GroupRequest, CloseResponse)
ADD: Final = Unary(f"{_SERVICE}/Add", MemberRequest, GroupState)
REMOVE: Final = Unary(f"{_SERVICE}/Remove", MemberRequest, GroupState)
SEND: Final = Streaming(f"{_SERVICE}/Send", GroupSendRequest, GroupSendEvent)
RECEIVE: Final = Streaming(f"{_SERVICE}/Receive", GroupRequest, GroupMessage)
STATE: Final = Unary(f"{_SERVICE}/State", GroupRequest, GroupState)
