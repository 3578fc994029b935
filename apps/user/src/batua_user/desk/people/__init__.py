"""Finding people, looking at them, freezing them."""

from .views import bp

__all__ = ["bp"]
