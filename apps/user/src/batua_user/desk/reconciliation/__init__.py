"""Our book against the banks'."""

from .views import bp

__all__ = ["bp"]
