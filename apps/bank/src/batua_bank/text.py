"""How the bank writes its numbers and greetings."""

from datetime import datetime

from flask import Flask

from batua_ui.browsers import name_of
from batua_ui.filters import INDIA


def grouped(number: str) -> str:
    """``1000 0001``: digits in fours, as on a passbook."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def masked(number: str) -> str:
    """``··4471``: the end of an account's number, enough for its owner."""
    return f"··{number[-4:]}"


def greeting(name: str) -> str:
    """``Good evening, Asha``, by the time in India."""
    hour = datetime.now(INDIA).hour
    part = "morning" if hour < 12 else "afternoon" if hour < 17 else "evening"
    return f"Good {part}, {name.split()[0]}"


def init_app(app: Flask) -> None:
    """Give the templates of ``app`` these filters."""
    for function in (grouped, masked, greeting):
        app.jinja_env.filters[function.__name__] = function
    app.jinja_env.filters["browser"] = name_of
