"""What schemathesis needs to know: how calls are signed, and what exists at the bank.

Loaded by it through ``SCHEMATHESIS_HOOKS``.
"""

import os
from typing import Any

import requests
import schemathesis

from batua_config import service_token

SECRET, RETURN_TO = os.environ["FUZZ_SECRET"], os.environ["FUZZ_RETURN_TO"]


class Signed(requests.auth.AuthBase):
    """Signs each call as it is sent, byte for byte."""

    def __call__(self, call: requests.PreparedRequest) -> requests.PreparedRequest:
        body = call.body or b""
        key = call.headers.get("Idempotency-Key", "")
        call.headers["Authorization"] = "Bearer " + service_token.sign(
            [SECRET],
            "wallet",
            method=call.method or "",
            path_and_query=call.path_url.removesuffix("?"),
            body=body.encode() if isinstance(body, str) else body,
            key=key.decode("latin-1") if isinstance(key, bytes) else key,
        )
        return call


schemathesis.auth.set_from_requests(Signed())


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    """Let many a body name a bank that is there, and lead back to where the client lives."""
    if isinstance(body, dict):
        if isinstance(body.get("bank"), str) and len(body["bank"]) % 3:
            body["bank"] = "SBB"
        if isinstance(body.get("return_url"), str):
            body["return_url"] = RETURN_TO
    return body
