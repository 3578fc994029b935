"""The entries of an app's navigation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, request, url_for


@dataclass(frozen=True, slots=True)
class Link:
    """One entry: ``more`` ones show only at the side of wide screens."""

    label: str
    endpoint: str
    icon: str
    more: bool = False

    @property
    def href(self) -> str:
        """Where it leads."""
        return url_for(self.endpoint)

    @property
    def current(self) -> bool:
        """Whether the page shown belongs to it: the same feature, hence the same blueprint."""
        feature, _, view = self.endpoint.rpartition(".")
        if not feature:
            return request.endpoint == view
        return request.blueprint == feature


Nav = Sequence[Link] | Callable[[], Sequence[Link]]


def context() -> dict[str, Any]:
    """What the shells need: ``nav``, ``home`` and ``site_name``."""
    nav: Nav = current_app.config.get("NAV", ())
    return {"nav": nav() if callable(nav) else nav, **basics()}


def basics() -> dict[str, Any]:
    """The part that asks nobody."""
    return {
        "home": current_app.config.get("HOME_URL", "/"),
        "site_name": current_app.config.get("SITE_NAME", "Batua"),
    }
