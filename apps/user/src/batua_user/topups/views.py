"""Pages for adding money, and for seeing where it is."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from batua_db import ledger
from batua_db.errors import DomainError
from batua_db.models.wallet import Bank, Topup
from batua_db.money import Money
from batua_user import steps
from batua_user.bank.client import BankError
from batua_user.bank.service import refresh
from batua_user.extensions import current_user
from batua_user.limits.queries import room_to_load
from batua_user.links import queries as links
from batua_user.pages import show

from . import opening, polling, queries, service, timeline
from .forms import AddForm

bp = Blueprint("topups", __name__, url_prefix="/add-money")

QUICK_AMOUNTS = ("500", "1,000", "2,000", "5,000", "10,000")


@bp.route("", methods=["GET", "POST"])
def add() -> ResponseReturnValue:
    """Ask how much and from where, and lead to the bank."""
    form = AddForm(amount=request.args.get("amount"), bank=_likely_bank())
    form.bank.choices = [(bank.code, bank.name) for bank in _banks()]
    if not form.validate_on_submit():
        return _add_page(form)
    try:
        topup_id, new = service.ask(current_user, **form.values)
        if new:
            opening.open_at_bank(topup_id)
    except DomainError as error:
        form.key.data = uuid4()  # the top-up of this one is over
        return _add_page(form, error)
    return redirect(_way_on(queries.find(current_user, topup_id)), 303)


@bp.get("/<uuid:topup_id>")
def status(topup_id: UUID) -> ResponseReturnValue:
    """Where the money is. What the address says besides the id proves nothing."""
    topup = queries.find(current_user, topup_id)
    live = "HX-Request" in request.headers
    if topup.check_at is not None:
        polling.look(topup_id, arriving=not live)
        topup = queries.find(current_user, topup_id)
    story = timeline.tell(topup, steps.of(topup_id))
    if live and request.args.get("seen") == story.version:
        return Response(status=204)
    return render_template(
        "topups/status.html",
        topup=topup,
        story=story,
        open_for=_open_for(topup),
        balance=ledger.balance(current_user.account_id),
    )


def _add_page(form: AddForm, error: DomainError | None = None) -> ResponseReturnValue:
    balance = ledger.balance(current_user.account_id)
    room = room_to_load(current_user, balance)
    return show(
        "topups/add.html",
        form,
        error,
        balance=balance,
        room=room,
        links=links.linked(current_user),
        waiting=queries.on_the_way(current_user),
        quick=[each for each in QUICK_AMOUNTS if room is None or Money.parse(each) <= room.left],
    )


def _likely_bank() -> str | None:
    """The bank that the address names, or that was used the last time."""
    return request.args.get("bank") or queries.last_bank(current_user)


def _banks() -> Sequence[Bank]:
    """The banks we know; the first time, those that the bank names."""
    if not (known := queries.banks()):
        try:
            refresh()
        except BankError:
            return []
        known = queries.banks()
    return known


def _way_on(topup: Topup) -> str:
    """To the bank while its page is open, else to where the money is shown."""
    if topup.state == "pending" and topup.session_url and _open_for(topup):
        return topup.session_url
    return url_for(".status", topup_id=topup.id)


def _open_for(topup: Topup) -> int:
    """For how many more seconds the bank's page is open."""
    if topup.state != "pending" or topup.expires_at is None:
        return 0
    return max(0, int((topup.expires_at - datetime.now(UTC)).total_seconds()))
