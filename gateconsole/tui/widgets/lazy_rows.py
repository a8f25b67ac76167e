"""Rows of a list that are made only when they are asked for by their number."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar, overload

L = TypeVar("L")


class LazyRows(ABC, Generic[L]):
    """What a table asks of its rows, over one way to make a row."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def _at(self, number: int) -> L:
        """Make the row of this number, which is one of `range(len(self))`."""

    def __iter__(self) -> Iterator[L]:
        return map(self._at, range(len(self)))

    @overload
    def __getitem__(self, place: int) -> L: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[L]: ...

    def __getitem__(self, place: int | slice) -> L | Sequence[L]:
        if isinstance(place, slice):
            return [self._at(number) for number in range(*place.indices(len(self)))]
        if not 0 <= place < len(self):
            raise IndexError(place)
        return self._at(place)
