"""Knowing one's customer: from a small wallet to a full one."""

from .views import bp

__all__ = ["bp"]
