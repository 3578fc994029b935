"""What somebody looks for in a history."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from batua_db.money import InvalidAmount, Money

from . import kinds
from .lines import Line, Raw

SHORTEST_NUMBER = 4  # digits that are taken for a piece of a phone number
SHORTEST_REFERENCE = 8
SIGNS = ("+", "-", "−")
RUPEES = re.compile(r"(?<!\S)([+\-−]?)(?:₹|rs\.?|inr)\s*(?=[0-9])")


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
        where = folded(f"{line.party.name} {line.note} {line.what}")
        return all(word in where or line.amount in worth for word, worth in self._words)

    @cached_property
    def _words(self) -> list[tuple[str, set[Money]]]:
        """Each word, and the changes that it may be."""
        return [(word, changes_of(word)) for word in RUPEES.sub(r"\1", folded(self.text)).split()]

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
