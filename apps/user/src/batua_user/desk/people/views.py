"""Pages about people."""

from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from batua_db.errors import DomainError
from batua_ui.desk.find import FindForm
from batua_ui.desk.forms import ReasonForm
from batua_ui.fields import CANONICAL_UUID
from batua_ui.pages import show
from batua_user.desk import acts, references
from batua_user.desk.current import current_staff

from . import queries, service

bp = Blueprint("people", __name__, url_prefix="/people")


@bp.get("")
def find() -> ResponseReturnValue:
    """People by phone, name or reference; a reference leads to what it names."""
    form = FindForm()
    text = form.q.data or ""
    if CANONICAL_UUID.fullmatch(text) and (place := references.place_of(UUID(text))):
        return redirect(url_for(place.endpoint, **place.values), 303)
    found = queries.search(text) if text else ()
    page = render_template(
        "desk/people/find.html", form=form, text=text, found=found, most=queries.MOST
    )
    return Response(page, form.status)


@bp.get("/<uuid:person_id>")
def person(person_id: UUID) -> ResponseReturnValue:
    """All about a person; that somebody looked is on record."""
    return _person_page(ReasonForm(formdata=None), person_id)


@bp.post("/<uuid:person_id>/phone")
def phone(person_id: UUID) -> ResponseReturnValue:
    """Their whole number, for a reason, on this page only."""
    form = ReasonForm()
    if not form.validate_on_submit():
        return _person_page(form, person_id)
    number = service.reveal_phone(current_staff, person_id, reason=form.reason.data)
    return _person_page(ReasonForm(formdata=None), person_id, number=number)


@bp.route("/<uuid:person_id>/freeze", methods=["GET", "POST"])
def freeze(person_id: UUID) -> ResponseReturnValue:
    """Stop what they send."""
    form, user = ReasonForm(), queries.find(person_id)
    if form.validate_on_submit():
        try:
            service.freeze(current_staff, person_id, reason=form.reason.data)
        except DomainError as error:
            return show("desk/people/freeze.html", form, error, person=user)
        return redirect(url_for(".person", person_id=person_id), 303)
    return show("desk/people/freeze.html", form, person=user)


@bp.route("/<uuid:person_id>/unfreeze", methods=["GET", "POST"])
def unfreeze(person_id: UUID) -> ResponseReturnValue:
    """Let it go again."""
    form, user = ReasonForm(), queries.find(person_id)
    if form.validate_on_submit():
        try:
            service.unfreeze(current_staff, person_id, reason=form.reason.data)
        except DomainError as error:
            return show("desk/people/unfreeze.html", form, error, person=user)
        return redirect(url_for(".person", person_id=person_id), 303)
    return show("desk/people/unfreeze.html", form, person=user)


def _person_page(form: ReasonForm, person_id: UUID, number: str | None = None) -> Response:
    queries.find(person_id)
    acts.look(current_staff, person_id)
    after = request.args.get("after", type=int)
    person = queries.person(person_id, after=after)
    return show("desk/people/person.html", form, person=person, number=number, after=after)
