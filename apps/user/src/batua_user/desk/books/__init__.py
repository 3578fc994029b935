"""Totals of both books, and the limits."""

from .views import bp

__all__ = ["bp"]
