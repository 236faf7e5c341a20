"""What was prepared lately, kept up to a number of bytes: going back in the history costs nothing."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class ByteCache(Generic[Value]):
    """The values used last whose sizes together stay under ``limit`` bytes. For one thread (the loop's)."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()
        self._size = 0

    @property
    def size(self) -> int:
        """Bytes held now."""
        return self._size

    def get(self, key: Hashable) -> Value | None:
        """The value kept under ``key``, which is then the newest."""
        found = self._held.get(key)
        if found is None:
            return None
        self._held.move_to_end(key)
        return found[0]

    def put(self, key: Hashable, value: Value, size: int) -> None:
        """Keep ``value``; the oldest ones go. A value larger than the limit is not kept."""
        self.drop(key)
        if size > self._limit:
            return
        self._held[key] = (value, size)
        self._size += size
        while self._size > self._limit:
            _, (_, gone) = self._held.popitem(last=False)
            self._size -= gone

    def drop(self, key: Hashable) -> None:
        """Forget one, if it is there."""
        found = self._held.pop(key, None)
        if found is not None:
            self._size -= found[1]
