"""Money: whole paise, never a float."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Self

from babel.numbers import format_currency
from sqlalchemy import BigInteger
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from .errors import Refused

CURRENCY = "INR"
PLAIN = re.compile(r"(0|[1-9][0-9]{0,7})(\.[0-9]{1,2})?", re.ASCII)
GROUPED = re.compile(r"[1-9][0-9]?(,[0-9]{2})*,[0-9]{3}", re.ASCII)  # as India does: 1,50,000


class InvalidAmount(Refused):
    """What was typed is not an amount that can be moved."""

    code = "invalid_amount"


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount of rupees. ``paise`` is the whole of it; ``str()`` is what people read."""

    paise: int

    def __post_init__(self) -> None:
        if type(self.paise) is not int:
            raise TypeError("paise are whole")

    def __add__(self, other: Self) -> Self:
        return type(self)(self.paise + other.paise)

    def __sub__(self, other: Self) -> Self:
        return type(self)(self.paise - other.paise)

    def __neg__(self) -> Self:
        return type(self)(-self.paise)

    def __abs__(self) -> Self:
        return type(self)(abs(self.paise))

    def __bool__(self) -> bool:
        return self.paise != 0

    def __str__(self) -> str:
        return format_paise(self.paise)

    @classmethod
    def parse(cls, typed: str, *, most: "Money | None" = None) -> Self:
        """Read rupees as a person types them; raises ``InvalidAmount`` with what to do.

        Takes ``500``, ``500.5``, ``1,50,000.00`` and ``₹ 500``; refuses everything that
        ``int`` and ``Decimal`` would take besides (signs, exponents, other digits).
        """
        text = typed.strip(" \t\r\n\u00a0").removeprefix("₹").strip(" \u00a0")
        if not text:
            raise InvalidAmount("Type an amount, for example 500.")
        whole, point, rest = text.partition(".")
        if GROUPED.fullmatch(whole):
            text = whole.replace(",", "") + point + rest
        if not PLAIN.fullmatch(text):
            raise InvalidAmount(_why_unreadable(text))
        amount = cls(int(Decimal(text).scaleb(2)))
        if not amount:
            raise InvalidAmount("Type an amount above zero.")
        if amount > (most or MAX_TYPED):
            raise InvalidAmount(f"Type at most {most or MAX_TYPED}.")
        return amount


MAX_TYPED = Money(10_00_000_00)


class MoneyColumn(TypeDecorator[Money]):
    """``Money`` in Python, ``BIGINT`` paise in PostgreSQL."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Money | None, dialect: Dialect) -> int | None:
        """Store the paise."""
        return None if value is None else value.paise

    def process_result_value(self, value: int | None, dialect: Dialect) -> Money | None:
        """Wrap the paise."""
        return None if value is None else Money(value)


@lru_cache(maxsize=2048)
def format_paise(paise: int) -> str:
    """Write ``paise`` as ``₹1,20,000.50``, with ``−`` before an amount below zero."""
    text = format_currency(Decimal(abs(paise)).scaleb(-2), CURRENCY, locale="en_IN")
    return f"−{text}" if paise < 0 else text


def _why_unreadable(text: str) -> str:
    if "," in text:
        return "Put commas as in 1,50,000, or leave them out."
    if re.fullmatch(r"[0-9]+\.[0-9]{3,}", text, re.ASCII):
        return "Type at most two digits after the point, for example 500.50."
    if re.fullmatch(r"[0-9]{9,}(\.[0-9]*)?", text, re.ASCII):
        return f"Type at most {MAX_TYPED}."
    if re.fullmatch(r"[-−].*", text):
        return "Type an amount above zero, without a sign."
    return "Type the amount in digits, for example 500 or 1,250.50."
