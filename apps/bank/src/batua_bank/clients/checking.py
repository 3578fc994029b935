"""Why a signature does not fit: what a developer needs to know, without any secret.

Nothing here tells what the right signature would be: whoever may look at a client's pages
could then sign in its name.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from batua_bank.webhooks.sender import letter_body
from batua_config.webhooks import SIGNATURES, TIMESTAMP, TOLERANCE
from batua_db.errors import NotFound

from . import deliveries, keys, registry

Tone = Literal["good", "wait", "bad"]


class Finding(NamedTuple):
    """One thing that was checked, and what came of it."""

    tone: Tone
    title: str
    text: str


class Known(NamedTuple):
    """A key of a client's, that signs still or did once."""

    hint: str
    secret: str
    valid: bool


class Webhook(NamedTuple):
    """A webhook as somebody got it."""

    message_id: str
    timestamp: str
    signature: str
    body: str


def keys_of(client_id: str) -> Sequence[Known]:
    """All keys that a client has and had, newest first."""
    if client_id == registry.WALLET:
        return [Known(each[-4:], each, True) for each in registry.secrets_of(client_id)]
    return [
        Known(each.secret.hint, keys.reveal(each.secret), each.valid) for each in keys.of(client_id)
    ]


def check_webhook(client_id: str, given: Webhook) -> Sequence[Finding]:
    """Say whether a webhook verifies with the client's keys, and if not, what differs."""
    known = keys_of(client_id)
    signatures = list(_signatures(given.signature))
    if not signatures:
        shape = "It looks like v1,<base64>; several are separated by a space."
        return [_time(given.timestamp), Finding("bad", "This is no signature", shape)]
    found = _maker(known, signatures, _signed(given, given.body))
    if found:
        return [_time(given.timestamp), _made_by(found)]
    return [_time(given.timestamp), *_why_not(client_id, known, given, signatures)]


def rewritten(body: str) -> Iterator[tuple[str, str]]:
    """The same body, as it is often written anew: what was done to it, and the result."""
    yield "an end of line was added or lost", body.strip()
    yield "an end of line was added or lost", f"{body.strip()}\n"
    try:
        said: Any = json.loads(body)
    except (ValueError, RecursionError):
        return
    for ascii in (False, True):
        for separators in ((",", ":"), (", ", ": ")):
            for sort in (False, True):
                text = json.dumps(said, ensure_ascii=ascii, separators=separators, sort_keys=sort)
                yield "it was read and written anew, so its spaces or its order changed", text


def span(seconds: float) -> str:
    """How long that is, in the unit that says it best."""
    whole = abs(round(seconds))
    for size, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if whole >= 2 * size:
            return f"{whole // size} {unit}"
    return f"{whole} s"


def _time(timestamp: str) -> Finding:
    if not TIMESTAMP.fullmatch(timestamp):
        return Finding("bad", "This is no timestamp", "It is in seconds since 1970, digits only.")
    age = int(datetime.now(UTC).timestamp()) - int(timestamp)
    if abs(age) <= TOLERANCE:
        return Finding("good", "The time fits", f"It was signed {span(age)} ago.")
    where = "ago" if age > 0 else "ahead of our clock"
    text = (
        f"It was signed {span(age)} {where}. Receivers allow {span(TOLERANCE)}, so by now it is"
        " refused; what follows looks at the signature alone."
    )
    return Finding("wait", "The time is outside the tolerance", text)


def _signatures(header: str) -> Iterator[bytes]:
    for each in header.split() if SIGNATURES.fullmatch(header) else ():
        version, _, encoded = each.partition(",")
        try:
            signature = base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error):
            continue
        if version == "v1":
            yield signature


def _signed(given: Webhook, body: str) -> bytes:
    return f"{given.message_id}.{given.timestamp}.{body}".encode()


def _maker(known: Sequence[Known], signatures: Sequence[bytes], content: bytes) -> Known | None:
    """The key that made one of the signatures over ``content``, one that is valid first."""
    for each in sorted(known, key=lambda key: not key.valid):
        if _mac(base64.b64decode(each.secret.partition("_")[2] + "=="), content) in signatures:
            return each
    return None


def _mac(key: bytes, content: bytes) -> bytes:
    return hmac.digest(key, content, "sha256")


def _made_by(key: Known) -> Finding:
    if key.valid:
        return Finding("good", "The signature fits", f"The key …{key.hint} made it.")
    text = f"The key …{key.hint} made it, which has retired. Verify with the newest one."
    return Finding("bad", "A retired key made it", text)


def _why_not(
    client_id: str, known: Sequence[Known], given: Webhook, signatures: Sequence[bytes]
) -> Iterator[Finding]:
    sent = _sent(client_id, given.message_id)
    if sent is not None:
        yield _compared(sent, given.body)
        if _maker(known, signatures, _signed(given, sent)):
            yield Finding("bad", "The signature is of what we sent", "Not of the body given here.")
            return
    for what, body in rewritten(given.body):
        if _maker(known, signatures, _signed(given, body)):
            text = f"The signature fits if {what}. Verify the bytes as they came, before parsing."
            yield Finding("bad", "The body is not as it was signed", text)
            return
    yield _misuse(known, given, signatures) or Finding(
        "bad",
        "No key of this client’s made it",
        "Over this id, time and body. It is of another key, or its headers are of another"
        " attempt: each attempt has a time and a signature of its own.",
    )


def _sent(client_id: str, message_id: str) -> str | None:
    """What we sent under this id, if it is one of the client's events."""
    try:
        event = deliveries.find(client_id, message_id).event
    except NotFound:
        return None
    return letter_body(event.type, event.created_at, event.data).decode()


def _compared(sent: str, body: str) -> Finding:
    if sent == body:
        return Finding("good", "The body is as we sent it", "Byte for byte.")
    try:
        same = json.loads(sent) == json.loads(body)
    except (ValueError, RecursionError):
        same = False
    at = next((i for i, (a, b) in enumerate(zip(sent, body, strict=False)) if a != b), None)
    at = min(len(sent), len(body)) if at is None else at
    near = slice(max(0, at - 12), at + 12)
    text = f"At character {at + 1} we sent “{sent[near]}”, here is “{body[near]}”."
    if same:
        text = f"It is the same JSON, written anew. {text} Verify the bytes as they came."
    return Finding("bad", "The body differs from what we sent", text)


def _misuse(known: Sequence[Known], given: Webhook, signatures: Sequence[bytes]) -> Finding | None:
    """What is often done wrong by those who write it themselves."""
    right = _signed(given, given.body)
    short = f"{given.timestamp}.{given.body}".encode()
    if hashlib.sha256(right).digest() in signatures:
        return Finding("bad", "It is a plain hash", "Use HMAC-SHA256, with the key.")
    for each in known:
        bare = each.secret.partition("_")[2]
        decoded = base64.b64decode(bare + "==")
        if {_mac(each.secret.encode(), right), _mac(bare.encode(), right)} & set(signatures):
            text = "Decode what follows whsec_ from base64; the bytes are the key."
            return Finding("bad", "The key was used as text", text)
        if {_mac(decoded, given.body.encode()), _mac(decoded, short)} & set(signatures):
            text = "Sign id, timestamp and body, with a full stop between them."
            return Finding("bad", "It does not cover the headers", text)
    return None
