"""What the bank tells us."""

from .views import bp

__all__ = ["bp"]
