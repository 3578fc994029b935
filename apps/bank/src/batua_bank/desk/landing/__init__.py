"""What waits at the desk."""

from .views import bp

__all__ = ["bp"]
