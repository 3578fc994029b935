"""Takings on their way to the bank account of a business's owner."""

from .views import bp

__all__ = ["bp"]
