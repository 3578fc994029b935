"""Taking money out, to one's own bank account."""

from .views import bp

__all__ = ["bp"]
