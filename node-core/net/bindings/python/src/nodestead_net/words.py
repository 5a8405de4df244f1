"""Words of the types as numbers of the messages, and back. Zero is what the node takes where nothing is said; a number that is none says nothing either. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Generic, TypeVar

from .proto.session import Count as CountInfo
from .types import ChannelClass, Count, Path, Topology, Way, WhenFull

W = TypeVar("W", bound=str)


class Words(Generic[W]):
    def __init__(self, numbers: Mapping[W, int]) -> None:
        self._numbers = numbers
        self._words = {number: word for word, number in numbers.items()}

    def number(self, word: W | None) -> int:
        """Zero for no word. Raises a ValueError for one that is none of these."""
        if word is None:
            return 0
        if word not in self._numbers:
            raise ValueError(f"{word!r} is none of {', '.join(self._numbers)}")
        return self._numbers[word]

    def word(self, number: int) -> W | None:
        return self._words.get(number)


PATHS: Final[Words[Path]] = Words({"direct": 1, "relayed": 2})
CLASSES: Final[Words[ChannelClass]] = Words({"control": 1, "normal": 2, "bulk": 3})
WAYS: Final[Words[Way]] = Words({"direct": 1, "chunks": 2, "tree": 3, "gossip": 4})
TOPOLOGIES: Final[Words[Topology]] = Words({"open": 1, "mesh": 2})
FULL_RULES: Final[Words[WhenFull]] = Words({"drop-oldest": 1, "drop-newest": 2, "hold": 3})


def count_of(count: CountInfo | None) -> Count:
    return Count(0, 0) if count is None else Count(count.messages, count.bytes)
