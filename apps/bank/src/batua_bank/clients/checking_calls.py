"""Why a call is not taken: which parts of its token are not of this call."""

import base64
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from batua_config import service_token
from batua_config.service_token import NEWEST, OLDEST, BadToken, Claim

from .checking import Finding, Known, keys_of, rewritten, span


class Signed(NamedTuple):
    """A call as somebody means to send it."""

    token: str
    method: str
    path: str  # with the query
    key: str
    body: str


def check_call(client_id: str, given: Signed) -> Sequence[Finding]:
    """Say of each part of a call whether its token covers it."""
    try:
        claim = service_token.read(given.token)
    except BadToken:
        shape = (
            "A token is what URLSafeTimedSerializer(key, salt=“batua.bank-api”).dumps gives for"
            " the list of client, method, path and query, SHA-256 of the body, and key."
        )
        return [Finding("bad", "This is no token", shape)]
    return [
        _maker(keys_of(client_id), given.token),
        _time(claim),
        _part("client", claim.client, client_id),
        _part("method", claim.method, given.method),
        _path(claim, given.path),
        _part("Idempotency-Key", claim.key, given.key),
        _body(claim, given.body),
    ]


def _maker(known: Sequence[Known], token: str) -> Finding:
    for each in sorted(known, key=lambda key: not key.valid):
        if service_token.signed_by([each.secret], token):
            if each.valid:
                return Finding("good", "The signature fits", f"The key …{each.hint} made it.")
            text = f"The key …{each.hint} made it, which has retired."
            return Finding("bad", "A retired key made it", text)
        if service_token.signed_by(list(_misread(each.secret)), token):
            text = "Take the key as text, all of it, with whsec_ before it."
            return Finding("bad", "The key was changed before it signed", text)
    text = "Another key did, or the token was changed, or its salt is not batua.bank-api."
    return Finding("bad", "No key of this client’s made it", text)


def _misread(secret: str) -> Iterator[str]:
    bare = secret.partition("_")[2]
    yield bare
    yield base64.b64decode(bare + "==").decode("latin-1")


def _time(claim: Claim) -> Finding:
    age = (datetime.now(UTC) - claim.signed_at).total_seconds()
    if claim.in_time:
        return Finding("good", "The time fits", f"It was signed {span(age)} ago.")
    where = "ago" if age > 0 else "ahead of our clock"
    text = (
        f"It was signed {span(age)} {where}. We take {span(OLDEST)} of age, {span(NEWEST)} ahead."
    )
    return Finding("bad", "The time is outside the tolerance", text)


def _part(name: str, said: str, given: str) -> Finding:
    if said == given:
        return Finding("good", f"The {name} fits", given or "None.")
    text = f"The token says “{said}”, the call “{given}”."
    return Finding("bad", f"The {name} differs", text)


def _path(claim: Claim, given: str) -> Finding:
    found = _part("path", claim.path_and_query, given)
    if found.tone == "good":
        return found
    if not claim.path_and_query.startswith("/api/v1/"):
        return found._replace(text=f"{found.text} The path begins with /api/v1, as it is sent.")
    if claim.path_and_query.rstrip("?") == given:
        return found._replace(text=f"{found.text} Without a query there is no “?”.")
    return found


def _body(claim: Claim, body: str) -> Finding:
    if claim.body_sha256 == service_token.hash_body(body.encode()):
        return Finding("good", "The body fits", f"SHA-256 {claim.body_sha256}.")
    title = "The body differs"
    if claim.body_sha256 == service_token.hash_body(b""):
        return Finding("bad", title, "The token covers an empty body.")
    for what, other in rewritten(body):
        if claim.body_sha256 == service_token.hash_body(other.encode()):
            text = f"The token covers it if {what}. Send the very bytes that you signed."
            return Finding("bad", title, text)
    text = f"The token covers one whose SHA-256 is {claim.body_sha256}."
    return Finding("bad", title, text)
