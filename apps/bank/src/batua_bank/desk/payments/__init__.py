"""Payment sessions: how each went, what was refunded, and who was told."""

from .views import bp

__all__ = ["bp"]
