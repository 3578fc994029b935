"""Writes over HTTP: made once per Idempotency-Key."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, g, make_response, request

from batua_db.errors import DomainError, Temporary
from batua_ui import errors

from . import service
from .bodies import body, canonical

View = Callable[..., Any]


def once(view: View) -> View:
    """Answer a write once: repeats get the first answer, with ``Idempotent-Replay: true``."""

    @wraps(view)
    def answer(*args: Any, **kwargs: Any) -> Response:
        body()  # before anything is remembered: what can't be read has no terms
        given = service.answer_once(_call(), lambda: _act(lambda: view(*args, **kwargs)))
        response = Response(given.body, given.status, mimetype="application/json")
        if given.repeated:
            response.headers["Idempotent-Replay"] = "true"
        return response

    return answer


def _act(view: View) -> service.Answer:
    try:
        response = make_response(view())
    except Temporary:
        raise  # another time it may work
    except DomainError as refusal:
        response = errors.refused(refusal)
    return service.Answer(response.status_code, response.get_data(as_text=True))


def _call() -> service.Call:
    terms = b"\n".join([request.method.encode(), request.path.encode(), canonical()])
    key = request.headers["Idempotency-Key"]
    return service.Call(g.client, key, hashlib.sha256(terms).digest())
