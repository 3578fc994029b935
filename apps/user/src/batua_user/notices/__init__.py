"""What a person is told: the bell, the list, and an SMS for every debit."""

from .views import bell, bp

__all__ = ["bell", "bp"]
