"""What may be looked for in a history. It is in the address, so it needs no form token."""

import re
from datetime import date
from typing import Any

from flask import request
from wtforms.widgets import DateInput, HiddenInput, SearchInput

from batua_ui.forms import Form
from batua_ui.text import clean
from batua_ui.typed import TypedField, attributes_of

from .kinds import GROUPS
from .wanted import Wanted

DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}", re.ASCII)


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

    def read(self, typed: str) -> str | None:
        """Take only what there is a chip for."""
        if not typed:
            return None
        if typed not in GROUPS:
            raise ValueError("There is no such kind. Choose one of those below.")
        return typed


class WantedForm(Form):
    """Words, a kind, days. What can't be read is left out of what is looked for."""

    q = SearchField("Search")
    kind = KindField()
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
    def wanted(self) -> Wanted:
        """What is looked for."""
        return Wanted(
            text=self.q.data or "",
            kind=self.kind.data,
            since=self.since.data,
            until=self.until.data,
        )

    @property
    def asked(self) -> dict[str, Any]:
        """It again, for the addresses of other pages of the same search."""
        fields = {field.name: field.data for field in (self.q, self.kind, self.since, self.until)}
        return {name: str(data) for name, data in fields.items() if data}
