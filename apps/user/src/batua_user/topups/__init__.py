"""Adding money from a bank, and seeing where it is."""

from .views import bp

__all__ = ["bp"]
