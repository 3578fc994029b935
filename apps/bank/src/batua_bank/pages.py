"""Answers that several features give."""

from flask import Response, make_response

from batua_db.errors import DomainError
from batua_ui.forms import Form
from batua_ui.problems import of_refusal


def shown_again(page: str, form: Form, refusal: DomainError | None = None) -> Response:
    """A page with its form, under the status of what was refused."""
    if refusal is None:
        return make_response(page, form.status)
    problem = of_refusal(refusal)
    response = make_response(page, problem.status)
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response
