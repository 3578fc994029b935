"""The entries of an app's navigation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

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


def context() -> dict[str, Any]:
    """What the shells need: ``nav``, ``nav_here``, ``home`` and ``site_name``."""
    nav = current_app.config.get("NAV", ())
    links = cast(Sequence[Link], nav() if callable(nav) else nav)
    return {"nav": links, "nav_here": here(links), **basics()}


def here(links: Sequence[Link]) -> str:
    """The label of the entry this page belongs to: its own, else the first of its feature."""
    for link in links:
        if link.endpoint == request.endpoint:
            return link.label
    feature = [link for link in links if link.endpoint.rpartition(".")[0] == request.blueprint]
    return feature[0].label if feature and request.blueprint else ""


def basics() -> dict[str, Any]:
    """The part that asks nobody."""
    return {
        "home": current_app.config.get("HOME_URL", "/"),
        "site_name": current_app.config.get("SITE_NAME", "Batua"),
    }
