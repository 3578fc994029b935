"""Where the bank's webhooks arrive."""

from collections.abc import Mapping
from typing import cast

from flask import Blueprint, Response, abort, jsonify, request
from flask.typing import ResponseReturnValue

from batua_config import webhooks
from batua_config.current import settings
from batua_config.webhooks import NotAuthentic, Unreadable
from batua_user.extensions import csrf

from . import service

bp = Blueprint("webhooks", __name__)

LARGEST = 20 * 1024


@bp.post("/webhooks/bank")
@csrf.exempt
def bank() -> ResponseReturnValue:
    """Take in a message: the raw bytes are verified before anything reads them."""
    body = request.get_data(cache=False)
    if len(body) > LARGEST:
        abort(413)
    try:
        message_id = webhooks.verify(settings.secrets, _headers(), body)
        service.receive(message_id, body)
    except NotAuthentic:
        return _answer("not authentic", 401)
    except Unreadable:
        return _answer("unreadable", 400)
    return _answer("received", 200)


def _headers() -> Mapping[str, str]:
    return cast("Mapping[str, str]", request.headers)  # as good as one, if not by its type


def _answer(status: str, code: int) -> Response:
    response = jsonify(status=status)
    response.status_code = code
    return response
