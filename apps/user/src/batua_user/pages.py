"""Pages with a form: shown first, and shown again with what was wrong."""

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from wtforms import HiddenField

from batua_db.errors import Conflict, DomainError
from batua_ui.forms import Form, PinField
from batua_ui.problems import of_refusal


class PinForm(Form):
    """The PIN; what it pays for was fixed before, and is named by the address.

    ``key`` repeats that name, as in every form that moves money; nothing depends on it.
    """

    key = HiddenField()
    pin = PinField("Your 6-digit PIN")


def show(
    template: str, form: Form, refusal: DomainError | None = None, **context: Any
) -> ResponseReturnValue:
    """Render ``template``; a refusal stands beside its field, with the status of its kind.

    A conflict is no use on the form that caused it, whose key is spent: it gets a page
    of its own.
    """
    if refusal is None:
        return render_template(template, form=form, **context), form.status
    if isinstance(refusal, Conflict):
        raise refusal
    form.refuse(refusal)
    problem = of_refusal(refusal)
    page = render_template(template, form=form, **context)
    if problem.retry_after is None:
        return page, problem.status
    return page, problem.status, {"Retry-After": str(problem.retry_after)}
