"""Opening a wallet, signing in and out."""

from .views import bp

__all__ = ["bp"]
