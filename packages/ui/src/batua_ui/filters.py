"""How amounts, times, names and phone numbers are written."""

import re
import unicodedata
import zlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from flask import Flask
from markupsafe import Markup

from batua_db.money import Money, format_paise

from . import phones

INDIA = ZoneInfo("Asia/Kolkata")
LOCALE = "en_IN"
HUES = 6
WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
ATTRIBUTE = re.compile(r"(?!on|style)[a-z][a-z0-9-]*")


def paise(amount: Money | int) -> int:
    """The paise of ``amount``."""
    return amount.paise if isinstance(amount, Money) else amount


def inr(amount: Money | int) -> str:
    """``₹1,20,000.50``; below zero with ``−``."""
    return format_paise(paise(amount))


def signed(amount: Money | int) -> str:
    """A change: ``+₹500.00``, ``−₹500.00``, ``₹0.00``."""
    text = inr(amount)
    return f"+{text}" if paise(amount) > 0 else text


def when(at: datetime) -> str:
    """``14 Jan 2026, 6:41 pm``, in India."""
    return _write(at, "d MMM y, h:mm a")


def in_full(at: datetime) -> str:
    """``Wednesday, 14 January 2026, 6:47:31 pm``, in India."""
    return _write(at, "EEEE, d MMMM y, h:mm:ss a")


def time(at: datetime) -> str:
    """``6:41 pm``, in India."""
    return _write(at, "h:mm a")


def clock(at: datetime) -> str:
    """``6:41:12 pm``, in India."""
    return _write(at, "h:mm:ss a")


def day(at: date | datetime) -> str:
    """``Today``, ``Yesterday``, ``Monday, 12 January``, with the year when it is another."""
    today = datetime.now(INDIA).date()
    that = _local(at).date() if isinstance(at, datetime) else at
    if that == today:
        return "Today"
    if that == today - timedelta(days=1):
        return "Yesterday"
    return format_date(
        that, "EEEE, d MMMM" if that.year == today.year else "d MMMM y", locale=LOCALE
    )


def short_date(at: date | datetime) -> str:
    """``14 Jan 2026``, in India."""
    that = _local(at).date() if isinstance(at, datetime) else at
    return format_date(that, "d MMM y", locale=LOCALE)


def phone(number: str) -> str:
    """``+91 98765 00001``."""
    return phones.show(number)


def masked_phone(number: str) -> str:
    """``+91 ••••• •0001``: for what is printed and passed on."""
    return phones.masked(number)


def initials(name: str) -> str:
    """Two letters of a name in Latin and the like (AR), one syllable in others (मी)."""
    words = [word for word in name.split() if word[0].isalnum()]
    if not words:
        return name.strip()[:1]
    firsts = [_syllable(word) for word in words]
    if firsts[0].lower() == firsts[0].upper():
        return firsts[0]
    return "".join(first for first in firsts[:2] if first.lower() != first.upper()).upper()


def hue(identity: object) -> int:
    """One of the six avatar colours, always the same for one id."""
    return zlib.crc32(str(identity).encode()) % HUES + 1


def lang(text: str) -> str | None:
    """``hi`` for text that begins in Devanagari, so that it is read and set as Hindi."""
    first = next((char for char in text if char.isalpha()), "")
    return "hi" if "\u0900" <= first <= "\u097f" else None


def in_words(number: int) -> str:
    """Small numbers as words."""
    return WORDS[number] if number < len(WORDS) else str(number)


def attrs(values: Mapping[str, Any]) -> Markup:
    """Write HTML attributes, escaped: ``data_balance=5`` becomes ``data-balance="5"``.

    ``None`` and ``False`` are left out, ``True`` stands alone. Handlers and inline styles
    would break the content security policy and are mistakes.
    """
    written = Markup()
    for key, value in values.items():
        name = key.rstrip("_").replace("_", "-")
        if not ATTRIBUTE.fullmatch(name):
            raise ValueError(f"not an attribute for a page of ours: {name}")
        if value is True:
            written += Markup(" {}").format(name)
        elif value is not None and value is not False:
            written += Markup(' {}="{}"').format(name, value)
    return written


FILTERS = (
    paise,
    inr,
    signed,
    when,
    in_full,
    time,
    clock,
    day,
    short_date,
    phone,
    masked_phone,
    initials,
    hue,
    lang,
    in_words,
    attrs,
)


def init_app(app: Flask) -> None:
    """Give the templates of ``app`` these filters."""
    for function in FILTERS:
        app.jinja_env.filters[function.__name__] = function


def _local(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a time without a zone could be any hour")
    return at.astimezone(INDIA)


def _write(at: datetime, pattern: str) -> str:
    return format_datetime(_local(at), pattern, locale=LOCALE)


def _syllable(word: str) -> str:
    """The first letter with its vowel signs, and what a virama binds to it."""
    end = 1
    while end < len(word):
        bound = unicodedata.combining(word[end - 1]) == 9  # virama: the next letter belongs to it
        if not bound and not unicodedata.category(word[end]).startswith("M"):
            break
        end += 1
    return word[:end]
