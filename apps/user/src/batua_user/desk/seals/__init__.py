"""The chain that seals our book, and who keeps copies."""

from .views import bp

__all__ = ["bp"]
