"""Which acts to show."""

from batua_ui.desk.log import LogForm
from batua_ui.text import clean
from batua_ui.typed import TypedField, attributes_of


class SubjectField(TypedField):
    """An id, or the code of a bank or a client; may be empty."""

    longest = 40
    attributes = attributes_of(autocomplete="off", maxlength=40)

    def read(self, typed: str) -> str | None:
        """Take it as it stands on a page."""
        subject = clean(typed)
        if len(subject) > self.longest:
            raise ValueError("Type the reference, such as it stands on a page.")
        return subject or None


class SubjectForm(LogForm):
    """Whose acts, and on what."""

    subject = SubjectField("To what (reference)")
