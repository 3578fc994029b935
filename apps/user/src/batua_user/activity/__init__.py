"""My history: what came and went, and receipts."""

from .views import bp

__all__ = ["bp"]
