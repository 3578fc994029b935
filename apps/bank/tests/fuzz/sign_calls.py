"""What schemathesis needs to know: how calls are signed, and what exists at the bank.

Loaded by it through ``SCHEMATHESIS_HOOKS``.
"""

import os
import re
from typing import Any

import requests
import schemathesis
from requests.auth import AuthBase
from schemathesis.core.parameters import ParameterLocation

from batua_bank.api import examples
from batua_config import service_token

SECRET, RETURN_TO = os.environ["FUZZ_SECRET"], os.environ["FUZZ_RETURN_TO"]
THERE = {
    "session_id": examples.SESSION["id"],
    "payment_id": examples.PAYMENT["id"],
    "payout_id": examples.PAYOUT["id"],
    "event_id": examples.EVENT["id"],
}


class Signed(AuthBase):
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


auth: Any = schemathesis.auth
auth.set_from_requests(Signed())


@schemathesis.hook
def filter_case(context: Any, case: Any) -> bool:
    """Drop what is called wrong for a missing key, and has one after all."""
    meta = case.meta
    if meta is None or not meta.generation.mode.is_negative:
        return True
    wrong = {place for place, told in meta.components.items() if told.mode.is_negative}
    key = (case.headers or {}).get("Idempotency-Key", "")
    sound = isinstance(key, str) and re.fullmatch(r"[!-~]{1,200}", key, re.ASCII)
    return not (wrong == {ParameterLocation.HEADER} and sound)


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: Any) -> Any:
    """Let about half of the things that are named be there."""
    for name, value in (path_parameters or {}).items():
        if isinstance(value, str) and name in THERE and value[:1] < "8":
            path_parameters[name] = THERE[name]
    return path_parameters


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    """Let many a body name a bank that is there, and lead back to where the client lives.

    What is wrong about them on purpose stays wrong.
    """
    if isinstance(body, dict):
        bank, back = body.get("bank"), body.get("return_url")
        if isinstance(bank, str) and re.fullmatch("[A-Z0-9]{1,16}", bank) and len(bank) % 3:
            body["bank"] = "SBB"
        if isinstance(back, str) and len(back) <= 2000 and re.match("https?://", back):
            body["return_url"] = RETURN_TO
    return body
