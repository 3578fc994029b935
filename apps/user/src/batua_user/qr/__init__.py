"""QR codes of a business: one for the counter, and one for each order."""

from .views import bp

__all__ = ["bp"]
