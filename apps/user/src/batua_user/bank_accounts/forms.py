"""What may be typed about a bank account."""

import re

from batua_ui.forms import ChoiceField, Form, NameField
from batua_ui.typed import OUTER_SPACE, TypedField, attributes_of

NUMBER = re.compile(r"[0-9]{9,18}", re.ASCII)
IFSC = re.compile(r"[A-Z]{4}0[A-Z0-9]{6}", re.ASCII)


class AccountNumberField(TypedField):
    """The number of a bank account, as digits."""

    attributes = attributes_of(required=True, inputmode="numeric", autocomplete="off", maxlength=24)

    def read(self, typed: str) -> str:
        """Take 9 to 18 digits; spaces between them are the reader's, not the number's."""
        number = typed.strip(OUTER_SPACE).replace(" ", "")
        if not NUMBER.fullmatch(number):
            raise ValueError("Type the account number: 9 to 18 digits.")
        return number


class IfscField(TypedField):
    """The code of a branch, in capitals."""

    attributes = attributes_of(
        required=True, autocomplete="off", autocapitalize="characters", maxlength=15
    )

    def read(self, typed: str) -> str:
        """Take four letters, a zero, and six letters or digits."""
        text = typed.strip(OUTER_SPACE)
        code = text.upper() if text.isascii() else text
        if not IFSC.fullmatch(code):
            raise ValueError("Type the IFSC as on your cheque book, such as SBBB0000181.")
        return code


class LinkForm(Form):
    """Which account, at which bank, in whose name."""

    bank = ChoiceField("Which bank?")
    account_number = AccountNumberField("Account number")
    ifsc = IfscField("IFSC")
    holder = NameField("Name on the account")
