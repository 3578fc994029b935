"""Payouts: how each went, and who was told."""

from .views import bp

__all__ = ["bp"]
