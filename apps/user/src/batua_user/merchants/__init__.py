"""A person's business: what it takes, gives back, and what it is."""

from .views import bp

__all__ = ["bp"]
