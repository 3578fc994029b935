"""What became of any operation: its story, and what the books and the bank say of it."""

from .views import bp

__all__ = ["bp"]
