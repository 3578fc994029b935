"""Sending money to a phone number."""

from .views import bp

__all__ = ["bp"]
