"""Accounts: what moved on them, cash over the counter, freezing and closing."""

from .views import bp

__all__ = ["bp"]
