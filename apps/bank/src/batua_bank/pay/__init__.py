"""Payment sessions: a platform asks to be paid, a customer approves or declines."""

from .views import bp

__all__ = ["bp"]
