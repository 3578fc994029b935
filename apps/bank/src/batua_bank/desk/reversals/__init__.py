"""Taking back cash that was booked wrongly: one proposes, another decides."""

from .views import bp

__all__ = ["bp"]
