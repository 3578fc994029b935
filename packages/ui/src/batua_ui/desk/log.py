"""The page of a desk's record: what staff did, newest first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField

from batua_ui.fields import CANONICAL_UUID
from batua_ui.forms import Form
from batua_ui.typed import OUTER_SPACE, TypedField, attributes_of


class Record(Protocol):
    """Where the acts are; see ``batua_db.staff``."""

    def acts(self, *, staff: UUID | None, subject: Any, after: UUID | None) -> Any:
        """Acts of all or of one, on all or on one thing, from ``after`` on."""
        ...

    def everybody(self) -> Sequence[Any]:
        """All who work or worked here."""
        ...


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
    """Whose acts, and on what. It is in the address, so it needs no form token."""

    staff = SelectField("Who", default="", validate_choice=True)
    subject: TypedField = ReferenceField("To what (reference)")
    after = ReferenceField()

    def __init__(self, staff: Sequence[Any]) -> None:
        super().__init__(formdata=request.args, meta={"csrf": False})  # it changes nothing
        self.staff.choices = [("", "Everybody"), *((str(each.id), each.name) for each in staff)]
        self.staff.data = self.staff.data or ""
        self.validate()

    @property
    def wanted(self) -> dict[str, Any]:
        """What is looked for; what can't be read is left out."""
        who = self.staff.data if not self.staff.errors else None
        return {"staff": UUID(who) if who else None, "subject": self.subject.data}

    @property
    def asked(self) -> dict[str, Any]:
        """It again, for the address of the next page."""
        return {name: str(value) for name, value in self.wanted.items() if value}


@dataclass(frozen=True, slots=True)
class Log:
    """A desk's record, and how it is told.

    ``titles`` has each act in words, ``names`` what the subjects of some acts are called,
    ``finder`` is the page that leads to a subject.
    """

    record: Record
    titles: Mapping[str, str]
    names: Callable[[Sequence[Any]], Mapping[Any, str]]
    finder: str
    form: type[LogForm] = LogForm

    def title(self, what: str) -> str:
        """What was done, in words."""
        return self.titles.get(what) or what.replace("_", " ").capitalize()

    def blueprint(self) -> Blueprint:
        """The page."""
        bp = Blueprint("log", __name__, url_prefix="/log")
        bp.add_url_rule("", "acts", self._page)
        return bp

    def _page(self) -> ResponseReturnValue:
        form = self.form(self.record.everybody())
        page = self.record.acts(**form.wanted, after=form.after.data)
        html = render_template(
            "ui/desk/acts.html",
            form=form,
            page=page,
            log=self,
            names=self.names(page.acts),
            older=url_for(".acts", **form.asked, after=page.older) if page.older else None,
            newest=url_for(".acts", **form.asked) if form.after.data else None,
        )
        return Response(html, form.status)
