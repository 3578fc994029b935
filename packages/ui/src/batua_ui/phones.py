"""Phone numbers: read strictly, written for people."""

import re

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat

HOME = "IN"
PLAIN = re.compile(r"\+?[0-9(][0-9 ().-]{2,29}", re.ASCII)


def read(text: str) -> str:
    """Return the number in E.164, or raise ``ValueError`` with what to do about it.

    Without ``+`` it is Indian.
    """
    if not text:
        raise ValueError("Type a mobile number, for example 98765 00001.")
    # phonenumbers itself would take letters, other scripts' digits, extensions and
    # invisible characters for a number.
    if not PLAIN.fullmatch(text):
        raise ValueError("Type the number in digits only, for example 98765 00001.")
    number = _parse(text)
    if number is None or not phonenumbers.is_valid_number(number):
        raise ValueError(_why_none(text))
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def show(number: str) -> str:
    """Write an E.164 number for people: ``+91 98765 00001``."""
    return phonenumbers.format_number(phonenumbers.parse(number), PhoneNumberFormat.INTERNATIONAL)


def masked(number: str) -> str:
    """Write an E.164 number for others to read, but for the end: ``+91 ••••• •0001``."""
    country, _, rest = show(number).partition(" ")
    return f"{country} {re.sub('[0-9](?=(?:[^0-9]*[0-9]){4})', '•', rest)}"


def _parse(text: str) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, HOME)
    except phonenumbers.NumberParseException:
        return None
    return None if number.extension else number


def _why_none(text: str) -> str:
    count = sum(char.isdigit() for char in text)
    if not text.startswith(("+", "0")) and count != 10:
        return f"An Indian mobile number has 10 digits; this has {count}."
    return "No such phone number exists. Check it digit by digit."
