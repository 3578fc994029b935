"""What may be typed about platforms."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from wtforms import SelectField
from wtforms.widgets import DateTimeLocalInput, TextArea

from batua_ui.filters import INDIA
from batua_ui.text import clean
from batua_ui.typed import OUTER_SPACE, TypedField, attributes_of


class WordField(TypedField):
    """A line of text that must be there: a name, an id, an address, a header."""

    attributes = attributes_of(required=True, autocomplete="off", maxlength=500, spellcheck="false")

    def read(self, typed: str) -> str:
        """Take it without the space around it."""
        word = typed.strip(OUTER_SPACE)
        if not word:
            raise ValueError("Fill this in.")
        if len(word) > int(self.render_kw["maxlength"]):
            raise ValueError("This is too long.")
        return word


class MaybeField(WordField):
    """The same, which may be empty."""

    attributes = attributes_of(autocomplete="off", maxlength=500, spellcheck="false")

    def read(self, typed: str) -> str:
        """Take it without the space around it."""
        return super().read(typed) if typed.strip(OUTER_SPACE) else ""


class TitleField(TypedField):
    """What a client is called."""

    longest = 80
    attributes = attributes_of(required=True, autocomplete="off", maxlength=80)

    def read(self, typed: str) -> str:
        """Clean it; it needs a letter, and an end."""
        name = clean(typed)
        if not any(char.isalpha() for char in name):
            raise ValueError("Give it a name.")
        if len(name) > self.longest:
            raise ValueError(f"Shorten it to {self.longest} characters.")
        return name


class PickField(SelectField):
    """One of a list; the first where none is chosen. The data is "" where it is unknown."""

    def __init__(self, label: str, choices: Iterable[tuple[str, str]] = (), **options: Any) -> None:
        super().__init__(label, default="", **options)
        self.type = SelectField.__name__  # as which the macro draws it
        self.choices = list(choices)

    @property
    def known(self) -> str:
        """What is chosen."""
        return "" if self.errors else self.data or ""


class LinesField(TypedField):
    """Several lines; the data is a list of them."""

    widget = TextArea()
    attributes = attributes_of(autocomplete="off", spellcheck="false", rows="3")

    def read(self, typed: str) -> list[str]:
        """Take what is on the lines; empty ones count for nothing."""
        return [line.strip(OUTER_SPACE) for line in typed.splitlines() if line.strip(OUTER_SPACE)]

    def write(self, value: list[str]) -> str:
        """Show one on each line."""
        return "\n".join(value)


class RawField(TypedField):
    """A body as it is: not one blank is taken off. Forms end lines in their own way; we don't."""

    widget = TextArea()
    attributes = attributes_of(autocomplete="off", spellcheck="false", rows="6")

    def read(self, typed: str) -> str:
        """Take it as it was copied."""
        return typed.replace("\r\n", "\n")


class MomentField(TypedField):
    """A date and a time in India; the data knows its zone."""

    widget = DateTimeLocalInput()
    attributes = attributes_of(required=True)

    def read(self, typed: str) -> datetime:
        """Read what a browser's field gives."""
        try:
            moment = datetime.fromisoformat(typed)
        except ValueError:
            raise ValueError("Give a date and a time.") from None
        return moment.replace(tzinfo=INDIA) if moment.tzinfo is None else moment

    def write(self, value: datetime) -> str:
        """Show it to the minute."""
        return value.astimezone(INDIA).strftime("%Y-%m-%dT%H:%M")
