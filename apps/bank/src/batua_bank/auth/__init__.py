"""Signing in to net banking, and out."""

from .views import bp

__all__ = ["bp"]
