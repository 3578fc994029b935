"""Where paying begins: everybody who can be paid, but for people."""

from .views import bp

__all__ = ["bp"]
