"""What somebody looks for in a history."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from batua_ui.searching import Words

from . import kinds
from .lines import Line, Raw

SHORTEST_NUMBER = 4  # digits that are taken for a piece of a phone number
SHORTEST_REFERENCE = 8


@dataclass(frozen=True)
class Wanted:
    """A search: words, a group of kinds, the first and the last day. Nothing given is all."""

    text: str = ""
    kind: str | None = None
    since: date | None = None
    until: date | None = None

    @property
    def sifts(self) -> bool:
        """Whether lines must be looked at one by one: days alone are a range."""
        return bool(self.text or self.kind)

    @property
    def everything(self) -> bool:
        """Whether nothing was asked for."""
        return not (self.sifts or self.since or self.until)

    def is_of_kind(self, row: Raw) -> bool:
        """Whether a line, whose names are not known yet, is of the kind."""
        return kinds.belongs(row.kind, self.kind, came_in=row.amount.paise > 0)

    def finds(self, line: Line) -> bool:
        """Whether the text is in a line: its number or reference, or each word in its own place."""
        if not self.text or self._is_number_of(line) or self._is_reference_of(line):
            return True
        return self._words.are_in(f"{line.party.name} {line.note} {line.what}", line.amount)

    @cached_property
    def _words(self) -> Words:
        return Words(self.text)

    @cached_property
    def _digits(self) -> str:
        """The text as a piece of a phone number, if that is what it is."""
        plain = self.text.translate({ord(char): None for char in " +-()"})
        return plain if plain.isascii() and plain.isdigit() else ""

    def _is_number_of(self, line: Line) -> bool:
        enough = len(self._digits) >= SHORTEST_NUMBER
        return enough and line.party.phone is not None and self._digits in line.party.phone

    def _is_reference_of(self, line: Line) -> bool:
        typed = self.text.lower()
        return len(typed) >= SHORTEST_REFERENCE and str(line.transfer_id).startswith(typed)
