"""Faults around the API's calls and the approval: slow, broken, or silent, before or after.

The views themselves know nothing of it: they are surrounded, in this app alone.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn, TypeGuard
from uuid import UUID

from flask import Flask, abort, g, request
from sqlalchemy import select

from batua_bank.api.bodies import NotJson, body
from batua_bank.api.signing import SAFE
from batua_bank.api.writes import once
from batua_bank.pay import queries as pay
from batua_bank.payouts import queries as payouts
from batua_db.database import db
from batua_db.errors import DomainError, Refused
from batua_db.ledger import InsufficientFunds
from batua_db.models.bank import Payment, PaymentSession
from batua_db.models.outgoing import Payout
from batua_db.models.simulator import Fault, What
from batua_db.money import Money

from . import magic
from .hooks import of_session
from .service import About, fire_now

View = Callable[..., Any]
BROKEN: tuple[What, ...] = (
    "api_500_before",
    "api_500_after",
    "api_timeout_before",
    "api_timeout_after",
)
# Refusals that the bank remembers under the call's key, as those of its own.
REFUSED: dict[str, tuple[What, ...]] = {
    "api.order_payout": ("decline", "insufficient_funds"),
    "api.refund_payment": ("insufficient_funds",),
}


class Declined(Refused):
    """The bank would rather not."""

    code = "declined"

    def __init__(self) -> None:
        super().__init__("The bank declined this.")


def surround(app: Flask) -> None:
    """Put faults around the calls that are about a payment, a payout or a refund."""
    for endpoint in SUBJECTS:
        app.view_functions[endpoint] = _faulty(app.view_functions[endpoint])
    app.view_functions["pay.approve"] = _slow_page(app.view_functions["pay.approve"])


def _faulty(view: View) -> View:
    @wraps(view)
    def answer(*args: Any, **kwargs: Any) -> Any:
        about = _subject()
        if about is None:
            return view(*args, **kwargs)
        magic.notice(about)
        _dawdle(about)
        if request.method in SAFE:
            return view(*args, **kwargs)
        fault = fire_now(about, *BROKEN, *REFUSED.get(request.endpoint or "", ()))
        return _break(fault, view, *args, **kwargs) if fault else view(*args, **kwargs)

    return answer


def _break(fault: Fault, view: View, *args: Any, **kwargs: Any) -> Any:
    what, seconds = fault.what, fault.seconds
    if what in REFUSED["api.order_payout"]:
        return once(_refuse(what))(*args, **kwargs)
    if what == "api_500_before":
        abort(500)
    if what == "api_timeout_before":
        time.sleep(seconds)
        abort(500)
    done = view(*args, **kwargs)
    if what == "api_500_after":
        abort(500)
    time.sleep(seconds)
    return done


def _refuse(what: What) -> View:
    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise _refusal(what)

    return refuse


def _refusal(what: What) -> DomainError:
    if what == "decline":
        return Declined()
    amount = body().get("amount")
    return InsufficientFunds(Money(int(amount)) if isinstance(amount, int | float) else Money(1))


def _slow_page(view: View) -> View:
    @wraps(view)
    def answer(token: str) -> Any:
        found = pay.by_token(token) if request.method == "POST" else None
        if found:
            _dawdle(of_session(found.session))
        return view(token)

    return answer


def _dawdle(about: About) -> None:
    if fault := fire_now(about, "slow"):
        time.sleep(fault.seconds)


def _subject() -> About | None:
    """What this call is about; ``None`` where it names nothing that we know."""
    named = SUBJECTS[request.endpoint or ""]
    try:
        return named(**(request.view_args or {}))
    except NotJson:
        return None


def _ordered() -> About | None:
    said = body()
    bank, reference = said.get("bank"), said.get("reference")
    if _is_name(bank) and _is_name(reference):
        return About(g.client, bank, reference)
    return None


def _is_name(said: object) -> TypeGuard[str]:
    """Whether it can be the name of anything: the call's own checks come after us."""
    return isinstance(said, str) and "\0" not in said


def _session(session_id: UUID) -> About | None:
    found = pay.by_id(g.client, session_id)
    return of_session(found.session) if found else None


def _payment(payment_id: UUID) -> About | None:
    return _of(pay.payment(g.client, payment_id))


def _payout(payout_id: UUID) -> About | None:
    return _of(payouts.payout(g.client, payout_id))


def _asked_payments() -> About | None:
    reference = request.args.get("reference", "")
    if not _is_name(reference):
        return None
    mine = (PaymentSession.client == g.client, PaymentSession.reference == reference)
    session = db.session.scalar(select(PaymentSession).where(*mine))
    return of_session(session) if session else None


def _asked_payouts() -> About | None:
    reference = request.args.get("reference", "")
    if not _is_name(reference):
        return None
    found = payouts.payouts(g.client, reference=reference, after=None, limit=1)
    return _of(found.items[0]) if found.items else None


def _of(found: Payment | Payout | None) -> About | None:
    return About(found.client, found.bank_code, found.reference) if found else None


SUBJECTS: dict[str, Callable[..., About | None]] = {
    "api.open_session": _ordered,
    "api.read_session": _session,
    "api.list_payments": _asked_payments,
    "api.read_payment": _payment,
    "api.refund_payment": _payment,
    "api.order_payout": _ordered,
    "api.list_payouts": _asked_payouts,
    "api.read_payout": _payout,
}
