"""Which acts to show. It is in the address, so it needs no form token."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import request
from wtforms import SelectField

from batua_db.models.desk import Staff
from batua_ui.fields import CANONICAL_UUID
from batua_ui.forms import Form
from batua_ui.typed import OUTER_SPACE, TypedField, attributes_of


class ReferenceField(TypedField):
    """The id of something; may be empty."""

    attributes = attributes_of(autocomplete="off", maxlength=40)

    def read(self, typed: str) -> UUID | None:
        """Take a whole one."""
        text = typed.strip(OUTER_SPACE)
        if not text:
            return None
        if not CANONICAL_UUID.fullmatch(text):
            raise ValueError("Type the whole reference, such as it stands on a page.")
        return UUID(text)


class LogForm(Form):
    """Whose acts, and on what."""

    staff = SelectField("Who", default="", validate_choice=True)
    subject = ReferenceField("To what (reference)")
    after = ReferenceField()

    def __init__(self, staff: Sequence[Staff]) -> None:
        super().__init__(formdata=request.args, meta={"csrf": False})  # it changes nothing
        self.staff.choices = [("", "Everybody"), *((str(each.id), each.name) for each in staff)]
        self.staff.data = self.staff.data or ""
        self.validate()

    @property
    def wanted(self) -> dict[str, UUID | None]:
        """What is looked for; what can't be read is left out."""
        who = self.staff.data if not self.staff.errors else None
        return {"staff": UUID(who) if who else None, "subject": self.subject.data}

    @property
    def asked(self) -> dict[str, Any]:
        """It again, for the address of the next page."""
        return {name: str(value) for name, value in self.wanted.items() if value}
