"""A person's own accounts at banks, where their money can go."""

from .views import bp

__all__ = ["bp"]
