"""From words to a picture: plan a scene, paint it in layers, give it a style."""

from tui.proxy.painting.order import IsCancelled, Order, PaintingCancelled, pixels_for
from tui.proxy.painting.studio import paint

__all__ = ["IsCancelled", "Order", "PaintingCancelled", "paint", "pixels_for"]
