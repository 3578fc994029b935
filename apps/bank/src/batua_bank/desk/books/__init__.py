"""The bank's books: the trial balance, and the report of a day."""

from .views import bp

__all__ = ["bp"]
