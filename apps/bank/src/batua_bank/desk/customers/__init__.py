"""Finding customers, taking them in, and helping those who are locked out."""

from .views import bp

__all__ = ["bp"]
