"""Processes that die between any two steps."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from batua_db.database import db

Point = tuple[Any, str, str]  # whose step, its name, and on which side of it


class Killed(BaseException):
    """The process is no more."""


@contextmanager
def dies(where: Point | None) -> Iterator[list[str]]:
    """Die just before or after a step; what the transaction held is lost.

    Yields what has died, which is nothing where ``where`` is nowhere, or never came.
    """
    died = list[str]()
    if where is None:
        yield died
        return
    owner, name, side = where
    step = getattr(owner, name)

    def last(*arguments: Any, **named: Any) -> Any:
        if side == "after":
            step(*arguments, **named)
        died.append(name)
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, last)
        try:
            yield died
        except Killed:
            db.session.rollback()
