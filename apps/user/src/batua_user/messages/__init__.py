"""Messages that go out to people."""

from .views import bp

__all__ = ["bp"]
