"""The banks that this house runs."""

from .views import bp

__all__ = ["bp"]
