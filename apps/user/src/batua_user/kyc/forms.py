"""What may be typed to become fully known."""

import re
from datetime import date

from wtforms.widgets import DateInput

from batua_ui.forms import Form, NameField
from batua_ui.typed import OUTER_SPACE, TypedField, attributes_of
from batua_user.limits.periods import today

PAN = re.compile(r"[A-Z]{3}P[A-Z][0-9]{4}[A-Z]", re.ASCII)  # the P: of a person
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
YOUNGEST, OLDEST = 18, 120


class PanField(TypedField):
    """A person's permanent account number, in capitals."""

    attributes = attributes_of(
        required=True, autocomplete="off", autocapitalize="characters", maxlength=12
    )

    def read(self, typed: str) -> str:
        """Take ten letters and digits, of the kind that people have."""
        text = typed.strip(OUTER_SPACE)
        pan = text.upper() if text.isascii() else text
        if not PAN.fullmatch(pan):
            raise ValueError("Type your PAN as on the card, such as ABCPR1234F.")
        return pan


class BirthDateField(TypedField):
    """The day a person was born."""

    widget = DateInput()
    attributes = attributes_of(required=True, autocomplete="bday")

    def read(self, typed: str) -> date:
        """Take a day that makes its owner an adult."""
        text = typed.strip(OUTER_SPACE)
        try:
            born = date.fromisoformat(text) if DAY.fullmatch(text) else None
        except ValueError:
            born = None
        if born is None or _age(born) > OLDEST or born > today():
            raise ValueError("Type the day you were born, such as 1990-07-31.")
        if _age(born) < YOUNGEST:
            raise ValueError("A full wallet is for people of 18 years and more.")
        return born


def _age(born: date) -> int:
    day = today()
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


class KycForm(Form):
    """Who one is, as the tax office knows it."""

    name = NameField("Your name, as on the PAN card")
    pan = PanField("PAN")
    birth_date = BirthDateField("Date of birth")
