"""Deciding which businesses may be paid out."""

from .views import bp

__all__ = ["bp"]
