"""What guards my money, and where I am signed in."""

from .views import bp

__all__ = ["bp"]
