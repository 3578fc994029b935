"""The first sign-in: a customer chooses a password and an MPIN of their own."""

from .views import bp

__all__ = ["bp"]
