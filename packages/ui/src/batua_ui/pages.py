"""Pages with a form: shown first, and shown again with what was wrong."""

from typing import Any

from flask import Response, make_response, render_template

from batua_db.errors import Conflict, DomainError

from .forms import Form
from .problems import of_refusal


def show(template: str, form: Form, refusal: DomainError | None = None, **context: Any) -> Response:
    """Render ``template``; a refusal stands beside its field, with the status of its kind.

    A conflict is no use on the form that caused it, whose key is spent: it gets a page
    of its own.
    """
    if isinstance(refusal, Conflict):
        raise refusal
    if refusal:
        form.refuse(refusal)
    return shown_again(render_template(template, form=form, **context), form, refusal)


def shown_again(page: str, form: Form, refusal: DomainError | None = None) -> Response:
    """A page with its form, under the status of what was refused, if anything was."""
    if refusal is None:
        return make_response(page, form.status)
    problem = of_refusal(refusal)
    response = make_response(page, problem.status)
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response
