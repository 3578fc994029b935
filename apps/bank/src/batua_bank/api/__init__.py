"""The bank's API: JSON over signed calls, described in OpenAPI and on a page to read."""

from typing import Any

from flask import Flask
from flask_smorest import Api

from batua_bank.extensions import csrf
from batua_config.current import EXTENSION

from . import answers, docs, limits
from . import consents as consents  # these calls belong to the same blueprint
from . import feed as feed
from . import outgoing as outgoing
from . import settlement_files as settlement_files
from .schemas import Error
from .views import bp

DESCRIPTION = """\
Batua's bank, for the platforms it serves. Amounts are whole paise. Every call is signed, \
every write carries an Idempotency-Key, and what happens later is told by signed webhooks.
"""


class BankApi(Api):
    """OpenAPI with errors in our shape."""

    ERROR_SCHEMA = Error


def init_app(app: Flask) -> None:
    """Serve the API at ``/api/v1``, its description and its manual."""
    app.config.update(
        API_TITLE="Bank API",
        API_VERSION="1.0",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={"info": {"description": DESCRIPTION}, "security": [{"signature": []}]},
    )
    limits.init_app(app, app.extensions[EXTENSION])
    csrf.exempt(bp)  # no cookie counts here
    api = BankApi(app)
    spec: Any = api.spec
    answers.describe(spec)
    spec.components.security_scheme("signature", {"type": "http", "scheme": "bearer"})
    api.register_blueprint(bp)
    docs.api_of(app, api)
    app.register_blueprint(docs.bp)
