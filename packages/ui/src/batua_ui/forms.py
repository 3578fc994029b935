"""Forms: fields together, and what a service says about them."""

from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.widgets import HiddenInput

from batua_db.errors import DomainError

from .fields import AmountField, ChoiceField, KeyField, NameField, NoteField, PhoneField
from .secret_fields import CodeField, DigitsField, PasswordField, PinField

__all__ = [
    "AmountField",
    "ChoiceField",
    "CodeField",
    "DigitsField",
    "Form",
    "KeyField",
    "NameField",
    "NoteField",
    "PasswordField",
    "PhoneField",
    "PinField",
]

STALE = "This page was open for too long. Send it again."


class Form(FlaskForm):
    """A form of ours. ``closed`` ones refuse fields that they did not ask for."""

    closed = False

    @property
    def values(self) -> dict[str, Any]:
        """The data of every field but the CSRF token, named as the service's arguments."""
        return {field.name: field.data for field in self if field.name != "csrf_token"}

    @property
    def wrong(self) -> list[Field]:
        """The fields a person can put right."""
        return [field for field in self if field.errors and not _is_hidden(field)]

    @property
    def status(self) -> int:
        """The status of the page that shows this form."""
        return 422 if self.wrong or self.form_errors else 200

    def refuse(self, error: DomainError) -> None:
        """Show a service's refusal beside its field, or on top."""
        field = self._fields.get(error.field or "")
        if field is None or _is_hidden(field):
            self.form_errors.append(str(error))
        else:
            field.errors = [*field.errors, str(error)]

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field; what a hidden one holds wrongly is said on top."""
        valid = super().validate(extra_validators)
        for field in self:
            if field.name == "csrf_token" and field.errors:
                self.form_errors.append(STALE)
            elif _is_hidden(field):
                self.form_errors.extend(field.errors)
        if self.closed and (set(request.form) - set(self._fields)):
            self.form_errors.append("Nothing was done. Open this page again, and fill in only it.")
        return valid and not self.form_errors


def _is_hidden(field: Field) -> bool:
    return isinstance(field.widget, HiddenInput)
