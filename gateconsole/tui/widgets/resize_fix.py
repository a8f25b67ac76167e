"""Sized: a widget that is told of every size it gets."""

from __future__ import annotations

from textual.events import Resize
from textual.geometry import Size
from textual.widget import Widget


class ResizeFix(Widget):
    """Textual sends no Resize when another layout ran between showing a widget and placing it; this one sends it.

    What is drawn for a width would else stay as it was made for no width at all. Two of them at once count as one.
    """

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        changed = size != self._size  # `size` asks the layout, which may know it already
        known = super()._size_updated(size, virtual_size, container_size, layout)
        if changed:
            self.post_message(Resize(size, virtual_size, container_size))
        return known
