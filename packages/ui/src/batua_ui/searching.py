"""Looking for lines of a history: what may be typed, and what its words mean.

It is in the address, so it needs no form token.
"""

import re
import unicodedata
from datetime import date
from functools import cached_property
from typing import Any

from flask import request
from wtforms.widgets import DateInput, HiddenInput, SearchInput

from batua_db.money import InvalidAmount, Money

from .forms import Form
from .text import clean
from .typed import TypedField, attributes_of

DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}", re.ASCII)
VERSION = re.compile(r"[0-9]{1,18}", re.ASCII)  # a BIGINT, and no more than that
SIGNS = ("+", "-", "−")
RUPEES = re.compile(r"(?<!\S)([+\-−]?)(?:₹|rs\.?|inr)\s*(?=[0-9])")


class SearchField(TypedField):
    """Words to look for; may be empty."""

    longest = 80
    widget = SearchInput()
    icon = "search"
    attributes = attributes_of(
        autocomplete="off", maxlength=80, placeholder="Name, phone, note or amount"
    )

    def read(self, typed: str) -> str:
        """Clean it."""
        words = clean(typed)
        if len(words) > self.longest:
            raise ValueError(f"Look for {self.longest} characters at most.")
        return words


class DayField(TypedField):
    """A day; may be empty."""

    widget = DateInput()
    attributes = attributes_of(autocomplete="off")

    def read(self, typed: str) -> date | None:
        """Read a day as browsers write it."""
        if not typed:
            return None
        try:
            return date.fromisoformat(typed if DAY.fullmatch(typed) else "")
        except ValueError:
            raise ValueError("Choose a day, or write it as 2026-01-31.") from None


class KindField(TypedField):
    """A group of kinds; the chips above the history are links that name it."""

    widget = HiddenInput()
    attributes = attributes_of()

    def __init__(self, groups: dict[str, str], **options: Any) -> None:
        super().__init__(**options)
        self.groups = groups

    def read(self, typed: str) -> str | None:
        """Take only what there is a chip for."""
        if not typed:
            return None
        if typed not in self.groups:
            raise ValueError("There is no such kind. Choose one of those below.")
        return typed


class SearchForm(Form):
    """Words and days; a feature adds the field ``kind``. What can't be read is left out."""

    kind: KindField
    q = SearchField("Search")
    since = DayField("From", name="from")
    until = DayField("To", name="to")

    def __init__(self) -> None:
        super().__init__(formdata=request.args, meta={"csrf": False})  # it changes nothing
        self.validate()

    def validate(self, extra_validators: Any = None) -> bool:
        """Check that the days are in their order, too."""
        valid = super().validate(extra_validators)
        if self.since.data and self.until.data and self.since.data > self.until.data:
            self.until.errors = ["Choose a day that is not before From."]
            self.until.data = None
            return False
        return valid

    @property
    def days_chosen(self) -> bool:
        """Whether the page must show what was chosen, or typed, as days."""
        return any(field.data or field.errors for field in (self.since, self.until))

    @property
    def looked_for(self) -> dict[str, Any]:
        """What is looked for, by the names that services give it."""
        return {
            "text": self.q.data or "",
            "kind": self.kind.data,
            "since": self.since.data,
            "until": self.until.data,
        }

    @property
    def asked(self) -> dict[str, Any]:
        """It again, for the addresses of other pages of the same search."""
        fields = {field.name: field.data for field in (self.q, self.kind, self.since, self.until)}
        return {name: str(data) for name, data in fields.items() if data}


class Words:
    """What was typed to look for: each word may be a piece of a text, or an amount."""

    def __init__(self, typed: str) -> None:
        self.typed = typed

    def are_in(self, where: str, amount: Money) -> bool:
        """Whether each word is somewhere in ``where``, or is the amount as it is written."""
        text = folded(where)
        return all(word in text or amount in worth for word, worth in self._words)

    @cached_property
    def _words(self) -> list[tuple[str, set[Money]]]:
        """Each word, and the changes that it may be."""
        return [(word, changes_of(word)) for word in RUPEES.sub(r"\1", folded(self.typed)).split()]


def changes_of(word: str) -> set[Money]:
    """What an amount that somebody typed did to a balance: either, unless there is a sign."""
    unsigned = word[1:] if word.startswith(SIGNS) else word
    try:
        amount = Money.parse(unsigned)
    except InvalidAmount:
        return set()
    if unsigned is word:
        return {amount, -amount}
    return {amount if word.startswith("+") else -amount}


def folded(text: str) -> str:
    """Text as it is compared: case and forms of letters do not count."""
    return unicodedata.normalize("NFKC", text).casefold()


def cursor() -> int | None:
    """Where the page before ended; what isn't a number begins at the top."""
    text = request.args.get("after", "")
    return int(text) if VERSION.fullmatch(text) else None
