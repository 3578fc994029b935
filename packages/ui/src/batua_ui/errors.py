"""Answers to what went wrong: a page for people, JSON for programs, never an exception's text."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import redis.exceptions
import sqlalchemy.exc
from flask import Flask, Response, current_app, g, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError

from batua_config import logs
from batua_db.errors import DomainError

from . import nav
from .problems import UNAVAILABLE, Problem, of_refusal, of_status

log = logs.get(__name__)

# A pool without a free connection, a server that went away, a lock or statement out of time.
NOT_ANSWERING = (
    sqlalchemy.exc.TimeoutError,
    sqlalchemy.exc.OperationalError,
    sqlalchemy.exc.InterfaceError,
    redis.exceptions.ConnectionError,
    redis.exceptions.TimeoutError,
)
KEPT_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate")
STALE_FORM = (
    "Nothing was sent: this page was open for too long. Open it again, and send it once more."
)

ApiAnswer = Callable[[Problem, Exception], ResponseReturnValue]


def init_app(app: Flask) -> None:
    """Answer every refusal, HTTP error and outage of ``app``."""
    app.register_error_handler(DomainError, refused)
    app.register_error_handler(HTTPException, failed)
    app.register_error_handler(SecurityError, not_our_host)
    for kind in NOT_ANSWERING:
        app.register_error_handler(kind, unavailable)
    app.log_exception = log_exception


def log_exception(exc_info: Any) -> None:
    """Log what nobody expected by its endpoint: Flask would name the path, which may be a link."""
    log.error("unexpected", endpoint=request.endpoint, method=request.method, exc_info=exc_info)


def refused(error: DomainError) -> Response:
    """Answer a refusal that no form took."""
    return answer(of_refusal(error), error)


def failed(error: HTTPException) -> Response:
    """Answer an HTTP error; the text of unknown exceptions stays with us."""
    original = getattr(error, "original_exception", None)
    if isinstance(error, InternalServerError) and isinstance(original, NOT_ANSWERING):
        return unavailable(original)
    problem = of_status(error.code or 500)
    if sentence := STALE_FORM if isinstance(error, CSRFError) else getattr(error, "sentence", None):
        problem = replace(problem, message=sentence)
    response = answer(problem, error)
    for name, value in error.get_headers():
        if name in KEPT_HEADERS:
            response.headers[name] = value
    return response


def unavailable(error: Exception) -> Response:
    """Ask for patience while the database or Redis does not answer."""
    log.warning("not answering", error=type(error).__name__)
    return answer(UNAVAILABLE, error)


def not_our_host(_error: SecurityError) -> Response:
    """Answer a request for a host that isn't ours, without a page: its links would be theirs."""
    return Response("This address is not ours.\n", 400, mimetype="text/plain")


def answer(problem: Problem, error: Exception) -> Response:
    """Say it in the form the path asks for."""
    if request.path.startswith("/api/"):
        by_app: ApiAnswer | None = current_app.extensions.get("ui_api_error")
        response = make_response((by_app or as_json)(problem, error))
    else:
        response = make_response(_page(problem), problem.status)
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response


def as_json(problem: Problem, _error: Exception) -> ResponseReturnValue:
    """Answer a program in the API's shape."""
    said = {"code": problem.code, "message": problem.message, "field": problem.field}
    return jsonify(error=said), problem.status


def _page(problem: Problem) -> str:
    brand = current_app.extensions["ui_brand"]
    context = {
        "problem": problem,
        "shell": "ui/bank.html" if brand == "bank" else "ui/base.html",
        "request_id": g.get("request_id", ""),
    }
    if problem.status < 500:
        return render_template("ui/error.html", **context)
    # Context processors may ask the very thing that is broken, so these pages go without.
    template = current_app.jinja_env.get_template("ui/error.html")
    return template.render(context | nav.basics() | {"nav": ()})
