"""Taking back by hand what should not have moved: one proposes, another decides."""

from .views import bp

__all__ = ["bp"]
