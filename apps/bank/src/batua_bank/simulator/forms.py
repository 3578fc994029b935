"""What is typed to make something go wrong."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, cast

from wtforms import SelectField, ValidationError
from wtforms.fields.choices import (
    SelectChoice,  # pyright: ignore[reportAttributeAccessIssue] the stubs are older
)

from batua_db.models.simulator import LONGEST, MOST_COPIES, What
from batua_ui.forms import Form
from batua_ui.typed import OUTER_SPACE, TypedField, attributes_of

from .kinds import FAILURES, KINDS
from .service import Wanted

REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", re.ASCII)
WHY = {
    "unknown_account": "Unknown account",
    "holder_mismatch": "Another holder",
    "account_closed": "Account closed",
    "insufficient_funds": "The platform has too little",
    "platform_frozen": "The platform is frozen",
}


class NumberField(TypedField):
    """A whole number, or nothing."""

    attributes = attributes_of(inputmode="numeric", autocomplete="off", maxlength=4)

    def __init__(self, label: str, *, most: int, least: int = 1, **options: Any) -> None:
        super().__init__(label, **options)
        self.least, self.most = least, most

    def read(self, typed: str) -> int | None:
        """Read plain digits."""
        text = typed.strip(OUTER_SPACE)
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and self.least <= int(text) <= self.most):
            raise ValueError(f"Type a whole number from {self.least} to {self.most}, or nothing.")
        return int(text)


class ReferenceField(TypedField):
    """A payment's reference, or nothing."""

    attributes = attributes_of(autocomplete="off", autocapitalize="none", maxlength=64)

    def read(self, typed: str) -> str | None:
        """Take what the API would take."""
        text = typed.strip(OUTER_SPACE)
        if text and not REFERENCE.fullmatch(text):
            raise ValueError("Copy the whole reference, such as it stands in the call.")
        return text or None


class OneOf(SelectField):
    """One of a list; the data is a text, empty where none is meant."""

    def __init__(self, label: str, choices: Iterable[tuple[str, str]] = (), **options: Any) -> None:
        super().__init__(label, choices=[], **options)
        self.type = "SelectField"  # as the macros draw it
        self.offer(choices)

    def offer(self, choices: Iterable[tuple[str, str]]) -> None:
        """Take only these: pairs of a value and its label."""
        self.offered = dict(choices)
        self.choices = [SelectChoice(value, label) for value, label in self.offered.items()]

    def pre_validate(self, form: Any) -> None:
        """Refuse anything else; what is not sent is the first."""
        if self.data not in self.offered:
            raise ValidationError("Choose one of these.")

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Take what was sent, or the first of what is offered."""
        self.data = valuelist[0] if valuelist else next(iter(self.offered), "")


class FaultForm(Form):
    """A fault to switch on."""

    what = OneOf("What goes wrong", [(kind.what, kind.title) for kind in KINDS.values()])
    bank = OneOf("At which bank")
    reference = ReferenceField("For one reference only")
    client = OneOf("For which client")
    uses = NumberField("How many times", most=999)
    seconds = NumberField("Seconds", least=0, most=LONGEST)
    times = NumberField("Copies", most=MOST_COPIES)
    failure = OneOf("Why a payout fails", [("", "–"), *((each, WHY[each]) for each in FAILURES)])

    def offer(
        self, banks: Iterable[tuple[str, str]], clients: Iterable[tuple[str, str]], *, own: bool
    ) -> None:
        """Take these banks and clients; with ``own`` only that client."""
        self.bank.offer([("", "Any bank"), *banks])
        mine = list(clients)
        self.client.offer(mine if own else [("", "Any client"), *mine])
        if own and not self.client.data:
            self.client.data = mine[0][0]

    @property
    def wanted(self) -> Wanted:
        """The fault that is described."""
        return Wanted(
            what=cast(What, self.what.data),
            bank=self.bank.data or None,
            reference=self.reference.data,
            client=self.client.data or None,
            uses=self.uses.data,
            seconds=self.seconds.data,
            times=self.times.data,
            failure=next((each for each in FAILURES if each == self.failure.data), None),
        )


class EndForm(Form):
    """Ends a fault, or all of them."""
