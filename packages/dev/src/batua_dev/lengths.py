"""How much the tests do: enough to trust a change, or with ``--long`` all there is to do.

What is marked ``long`` runs only then, and whatever tries many cases tries many more.
"""

import os
from typing import TypeVar

import pytest

T = TypeVar("T")
LONG = "BATUA_LONG"  # set for the processes that share the tests


def pytest_addoption(parser: pytest.Parser) -> None:
    """Know ``--long``."""
    parser.addoption("--long", action="store_true", help="everything, as it is run at night")


def pytest_configure(config: pytest.Config) -> None:
    """Say so before any test is read."""
    if config.getoption("--long"):
        os.environ[LONG] = "1"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes long, unless asked for it."""
    left_out = [] if is_long() else [item for item in items if item.get_closest_marker("long")]
    if left_out:
        items[:] = [item for item in items if item not in set(left_out)]
        config.hook.pytest_deselected(items=left_out)


def is_long() -> bool:
    """Whether all there is to do is to be done."""
    return LONG in os.environ


def at_length(ordinary: T, long: T) -> T:
    """``ordinary``, or ``long`` when there is time for it."""
    return long if is_long() else ordinary
