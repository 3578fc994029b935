"""What a call says: read strictly, and refused with the name of the field that is wrong."""

import json
from collections.abc import Callable
from typing import Any, NoReturn

import marshmallow as ma
from flask import Request, g, request
from flask_smorest import Blueprint
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest

from batua_config import webhooks
from batua_db.errors import Refused

from . import answers
from .fields import UNKNOWN

DEEPEST = 10


class NotJson(BadRequest):
    """The body is not one JSON object."""

    sentence = "Send one JSON object, in UTF-8: no key twice, no NaN, and not too deep."


class Invalid(Refused):
    """A field is missing, of the wrong type or out of range."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, field=field)
        self.code = "unknown_field" if message == UNKNOWN else f"invalid_{field}"


def body() -> dict[str, Any]:
    """The JSON object of this request."""
    if "body" not in g:
        try:
            g.body = webhooks.parse(request.get_data())
        except webhooks.Unreadable:
            raise NotJson from None
    return g.body


def canonical() -> bytes:
    """The body in one way of writing it, so that the same terms are known again."""
    return json.dumps(_plain(body()), sort_keys=True, separators=(",", ":")).encode()


def _plain(value: Any, deeper: int = DEEPEST) -> Any:
    """4522.0 is the integer 4522; what is nested deeper than any call of ours is refused."""
    if not deeper:
        raise NotJson
    if isinstance(value, dict):
        return {name: _plain(each, deeper - 1) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each, deeper - 1) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


class StrictParser(FlaskParser):
    """Reads bodies with ``body``, and answers what is wrong as our other refusals."""

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        """Take the body as it was parsed, once and strictly."""
        return body()

    def handle_error(self, error: ma.ValidationError, *_: Any, **__: Any) -> NoReturn:
        """Name the first field that is wrong."""
        by_place: Any = error.messages
        fields: Any = next(iter(by_place.values()))
        name, said = next(iter(fields.items()))
        raise Invalid(str(name), _first(said)) from None


class ApiBlueprint(Blueprint):
    """A blueprint whose calls describe all that they may be answered."""

    ARGUMENTS_PARSER = StrictParser()

    def response(
        self, status_code: int, schema: Any = None, *, refuses: tuple[int, ...] = (), **options: Any
    ) -> Callable[..., Any]:
        """Answer ``status_code``; any call may be refused, and this one as ``refuses`` says."""
        headers = {"X-Request-ID": answers.REQUEST_ID}
        refuses += answers.WRITES if status_code == 201 else ()
        if set(answers.WRITES) <= set(refuses):  # an account check is sent, but is no write
            headers["Idempotent-Replay"] = answers.REPLAY
        answered = super().response(status_code, schema, headers=headers, **options)
        described = self.doc(responses=answers.refusals(*answers.ANY, *refuses))
        return lambda view: described(answered(view))


def _first(said: Any) -> str:
    while not isinstance(said, str):
        said = next(iter(said.values() if isinstance(said, dict) else said))
    return said
