"""Money that came and could not be credited, and news of nobody's money."""

from .views import bp

__all__ = ["bp"]
