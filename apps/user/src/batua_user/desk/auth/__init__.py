"""Signing in to the desk, and out."""

from .forms import LeaveForm
from .views import bp

__all__ = ["LeaveForm", "bp"]
