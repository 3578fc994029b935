"""Pages for adding from a bank that is remembered, and for forgetting it."""

from uuid import UUID, uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from batua_db import ledger
from batua_db.errors import DomainError
from batua_db.models.links import BankLink
from batua_user.authorise import PinNeeded
from batua_user.extensions import current_user
from batua_user.limits.queries import room_to_load
from batua_user.pages import show
from batua_user.topups import linked, opening

from . import asking, queries, service
from .forms import AddFromForm, Button

bp = Blueprint("links", __name__)


@bp.route("/add-money/from/<uuid:link_id>", methods=["GET", "POST"])
def add(link_id: UUID) -> ResponseReturnValue:
    """Add from an account that was linked: the amount, the PIN, and it is on its way."""
    link = queries.find(current_user, link_id)
    if current_user.pin_hash is None:
        return _to_pin(link_id)
    form = AddFromForm(amount=request.args.get("amount"))
    if not form.validate_on_submit():
        return _page(form, link)
    try:
        topup_id, new = linked.ask(current_user, link_id, **form.values)
        if new:
            opening.open_at_bank(topup_id)
    except PinNeeded as error:
        flash(str(error))
        return _to_pin(link_id)
    except DomainError as error:
        form.key.data = uuid4()  # the top-up of this one is over, if there was one
        return _page(form, queries.find(current_user, link_id), error)
    return redirect(url_for("topups.status", topup_id=topup_id), 303)


@bp.get("/settings/banks")
def banks() -> ResponseReturnValue:
    """The banks that are linked."""
    return render_template(
        "links/banks.html", links=queries.linked(current_user), button=Button(formdata=None)
    )


@bp.post("/settings/banks/<uuid:link_id>/unlink")
def unlink(link_id: UUID) -> ResponseReturnValue:
    """Use it no more."""
    service.unlink(current_user, link_id)
    flash("Unlinked: nothing is taken from it any more")
    return redirect(url_for(".banks"), 303)


def _to_pin(link_id: UUID) -> ResponseReturnValue:
    here = url_for(".add", link_id=link_id)
    return redirect(url_for("settings.pin", next=here), 303)


def _page(
    form: AddFromForm, link: BankLink, error: DomainError | None = None
) -> ResponseReturnValue:
    consent = asking.look(link) if link.state == "active" and error is None else None
    return show(
        "links/add.html",
        form,
        error,
        link=link,
        consent=consent,
        way_on=url_for("topups.add", amount=_typed(form), bank=link.bank_code),
        balance=ledger.balance(current_user.account_id),
        room=room_to_load(current_user, ledger.balance(current_user.account_id)),
    )


def _typed(form: AddFromForm) -> str | None:
    """The amount as it was typed, to be taken along to the bank."""
    raw = form.amount.raw_data
    return (str(raw[0]) if raw else request.args.get("amount")) or None
