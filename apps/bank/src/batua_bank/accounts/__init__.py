"""Net banking: a customer's own accounts, and what moved on them."""

from .views import bp

__all__ = ["bp"]
