"""What is typed to open a bank."""

import re
from typing import Any

from batua_ui.desk.forms import ReasonField
from batua_ui.forms import Form, NameField
from batua_ui.typed import OUTER_SPACE, TypedField, attributes_of


class LettersField(TypedField):
    """A few capital letters."""

    attributes = attributes_of(required=True, autocomplete="off", autocapitalize="characters")

    def __init__(self, label: str, shortest: int, longest: int, **options: Any) -> None:
        super().__init__(label, render_kw={"maxlength": longest}, **options)
        self.shape = re.compile(f"[A-Z]{{{shortest},{longest}}}", re.ASCII)
        self.sentence = (
            f"Type {longest} letters."
            if shortest == longest
            else f"Type {shortest} to {longest} letters."
        )

    def read(self, typed: str) -> str:
        """Take letters, large or small."""
        letters = typed.strip(OUTER_SPACE).upper()
        if not self.shape.fullmatch(letters):
            raise ValueError(self.sentence)
        return letters


class BankForm(Form):
    """A new bank."""

    code = LettersField("Code", 2, 8)
    name = NameField("Name", render_kw={"autocomplete": "off"})
    ifsc_prefix = LettersField("IFSC begins with", 4, 4)
    reason = ReasonField("Reason")
