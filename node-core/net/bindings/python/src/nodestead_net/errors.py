"""What goes wrong: exceptions with the code that the error has in the node.

Codes are bounded, so programs branch by them: ``NET_SCOPE_MISSING``, ``CHANNEL_REFUSED``. The classes group them by what a program can do about them; every one is
a :class:`NetError`.
"""

from __future__ import annotations

from collections.abc import Mapping


class NetError(Exception):
    """Says what happened and why; ``hint``, where there is one, what the person can do about it."""

    def __init__(self, code: str, message: str, *, hint: str = "", data: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        #: What the error is about, as texts.
        self.data: Mapping[str, str] = dict(data or {})

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.code!r}, {self.message!r})"


class NotConnectedError(NetError):
    """There is no connection with the node, or none any more: NET_SOCKET_FAILED, NET_CLOSED."""


class NotAllowedError(NetError):
    """The program is not known, or may not use what it asked for: NET_TOKEN_UNKNOWN, NET_SCOPE_MISSING."""


class LimitError(NetError):
    """More than the node lets a program have: NET_TOO_MANY_*, NET_MESSAGE_TOO_LONG."""


class AddressError(NetError):
    """The address is none, names no service, or no way leads to it: NET_ADDRESS_INVALID, NET_SERVICE_MISSING, NET_ROUTE_NONE."""


class TopicError(NetError):
    """NET_TOPIC_*, NET_TOPICS_TOO_MANY, NET_SERVICE_TAKEN."""


class SealedError(NetError):
    """NET_SEALED_*."""


class ResourceError(NetError):
    """NET_RESOURCE_*."""


class DiscoveryError(NetError):
    """NET_DISCOVERY_*."""


class ChannelError(NetError):
    """A channel or a group: CHANNEL_CLOSED, CHANNEL_RESET, CHANNEL_LOST, CHANNEL_REFUSED, CHANNEL_INVALID, CHANNEL_TOO_LARGE, CHANNEL_QUEUE_FULL."""


class WireError(NetError):
    """Bytes that are no message, or a longer one than may be: NET_MESSAGE_MALFORMED, FRAME_TOO_LONG, FRAME_LENGTH_INVALID."""


_BY_CODE: Mapping[str, type[NetError]] = {
    "NET_CLOSED": NotConnectedError,
    "NET_SOCKET_FAILED": NotConnectedError,
    "NET_TOKEN_UNKNOWN": NotAllowedError,
    "NET_HELLO_MISSING": NotAllowedError,
    "NET_SCOPE_MISSING": NotAllowedError,
    "NET_MESSAGE_TOO_LONG": LimitError,
    "NET_ADDRESS_INVALID": AddressError,
    "NET_SERVICE_MISSING": AddressError,
    "NET_ROUTE_NONE": AddressError,
    "NET_TOPICS_TOO_MANY": TopicError,
    "NET_SERVICE_TAKEN": TopicError,
    "NET_MESSAGE_MALFORMED": WireError,
}

_BY_BEGINNING: tuple[tuple[str, type[NetError]], ...] = (
    ("CHANNEL_", ChannelError),
    ("NET_TOO_MANY_", LimitError),
    ("NET_TOPIC_", TopicError),
    ("NET_SEALED_", SealedError),
    ("NET_RESOURCE_", ResourceError),
    ("NET_DISCOVERY_", DiscoveryError),
)


def error_of(code: str, message: str, *, hint: str = "", data: Mapping[str, str] | None = None) -> NetError:
    """An error of the class that its code has; a plain :class:`NetError` where none has it."""
    made = _BY_CODE.get(code) or next((made for beginning, made in _BY_BEGINNING if code.startswith(beginning)), NetError)
    return made(code, message, hint=hint, data=data)
