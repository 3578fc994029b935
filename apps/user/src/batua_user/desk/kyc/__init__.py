"""Deciding who is known well enough for a full wallet."""

from .views import bp

__all__ = ["bp"]
