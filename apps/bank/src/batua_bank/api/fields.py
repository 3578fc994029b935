"""Fields of the API, with sentences for what is wrong about them."""

import re
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from batua_db.money import Money

from .examples import PAYMENT

MOST = 100_000_000_000  # paise: what one transfer of the ledger can carry
LONGEST_PAGE = 200
NEEDED = "This field is needed."
UNKNOWN = "No such field is known here."


class Schema(ma.Schema):
    """Fields by name; any other is refused."""

    error_messages = {"unknown": UNKNOWN, "type": "Give a JSON object."}  # noqa: RUF012


class Paise(fields.Integer):
    """Whole paise, above zero. To JSON 4522.0 is the integer 4522; ``true`` is no number."""

    default_error_messages = {  # noqa: RUF012
        "invalid": "Give whole paise as a number, from 1 to 100000000000.",
        "required": NEEDED,
        "null": NEEDED,
    }

    def __init__(self) -> None:
        about = {"description": "Whole paise.", "minimum": 1, "maximum": MOST}
        super().__init__(required=True, metadata=about)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if type(value) is not int or not 1 <= value <= MOST:
            raise self.make_error("invalid")
        return Money(value)


class Whole(validate.Validator):
    """The whole text has this shape; unlike ``$``, not even a line break may follow."""

    def __init__(self, pattern: str, error: str) -> None:
        self.pattern = re.compile(pattern, re.ASCII)
        self.message = error

    def __call__(self, value: str) -> str:
        """Refuse any other text."""
        if not self.pattern.fullmatch(value):
            raise ma.ValidationError(self.message)
        return value


def writable(value: str) -> None:
    """Refuse half a character: JSON can say it, and no table keeps it."""
    if not value.isascii() and any("\ud800" <= each <= "\udfff" for each in value):
        raise ma.ValidationError("This holds half a character.")


def text(about: str, *, pattern: str = "", error: str = "", **options: Any) -> fields.String:
    """A text, of the shape ``pattern`` if there is one."""
    metadata: dict[str, Any] = {"description": about, **options.pop("metadata", {})}
    checks: list[Any] = [*options.pop("validate", [])]
    if pattern:
        metadata["pattern"] = f"^{pattern}$"
        checks.append(Whole(pattern, error))
    messages: dict[str, Any] = {"required": NEEDED, "null": NEEDED, "invalid": "Give text."}
    return fields.String(
        required="load_default" not in options,
        error_messages=messages,
        metadata=metadata,
        validate=checks,
        **options,
    )


def number(about: str, **options: Any) -> fields.Integer:
    """A whole number."""
    return fields.Integer(strict=True, metadata={"description": about}, **options)


class QueryNumber(fields.Integer):
    """A whole number in a query: plain digits, where Python would take ``1_000`` too."""

    default_error_messages = {"invalid": "Give a whole number, in plain digits."}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        if not re.fullmatch(r"[0-9]{1,19}", str(value), re.ASCII):
            raise self.make_error("invalid")
        return super()._deserialize(value, attr, data, **options)


def nothing() -> None:
    """The default of what may be left out: as a function, so that no description shows null."""


def position(about: str, most: int) -> QueryNumber:
    """The number of the last thing that is known."""
    return QueryNumber(
        load_default=0, validate=validate.Range(0, most), metadata={"description": about}
    )


def page_size(usual: int) -> QueryNumber:
    """How long a page is."""
    return QueryNumber(
        load_default=usual,
        validate=validate.Range(1, LONGEST_PAGE, error=f"Ask for 1 to {LONGEST_PAGE} at once."),
        metadata={"description": f"How many at once, at most {LONGEST_PAGE}."},
    )


def cursor() -> fields.String:
    """Where the page before ended."""
    return text(
        "The next of the answer before, as it came.",
        load_default=nothing,
        validate=[validate.Length(1, 100, error="Give the next of an earlier answer.")],
    )


def following() -> fields.String:
    """Where the next page begins."""
    return text("What to give as after for more; null at the end.", allow_none=True)


def bank_code() -> fields.String:
    """The code of a bank."""
    error = "No bank has such a code; GET /api/v1/banks lists them."
    return text(
        "Code of a bank, as GET /banks lists it.",
        pattern=r"[A-Z0-9]{1,16}",
        error=error,
        metadata={"examples": ["SBB"]},
    )


def reference(*, example: str = PAYMENT["reference"], **options: Any) -> fields.String:
    """The client's own name for a payment."""
    return text(
        "The client’s own name for the payment.",
        pattern=r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}",
        error="Use 1 to 64 letters, digits or . _ : - and begin with a letter or a digit.",
        metadata={"examples": [example]},
        **options,
    )


def moment(about: str) -> fields.String:
    """A time, ISO 8601 with its zone."""
    return text(about, metadata={"format": "date-time"})


def identity(about: str) -> fields.String:
    """A UUID."""
    return text(about, metadata={"format": "uuid"})


def rupees() -> fields.String:
    """The currency of an amount."""
    one = validate.Equal("INR", error="Only INR is moved here.")
    return text("Always INR.", validate=[one], metadata={"enum": ["INR"]})
