"""Paying a business, by its QR or from the list of shops."""

from .views import bp

__all__ = ["bp"]
