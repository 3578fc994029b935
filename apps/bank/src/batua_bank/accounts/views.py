"""Balances and statements."""

from collections.abc import Iterable
from functools import partial
from uuid import UUID

from flask import Blueprint, Response, abort, render_template, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from batua_bank.extensions import current_customer
from batua_db.errors import Refused
from batua_ui.months import months_since
from batua_ui.searching import cursor

from . import exports, lines, queries
from .forms import StatementForm
from .queries import Holding

bp = Blueprint("accounts", __name__, url_prefix="/accounts")

MONTHS = 12  # that are offered on paper


@bp.get("")
def overview() -> ResponseReturnValue:
    """All accounts, and the first one's latest rows."""
    holdings = queries.holdings(current_customer)
    if not holdings:
        return render_template(
            "accounts/none.html", customer=current_customer, bank=current_customer.bank
        )
    return _page(holdings, holdings[0])


@bp.get("/<uuid:account_id>")
def account(account_id: UUID) -> ResponseReturnValue:
    """One account of the customer's own: any other is not there."""
    return _page(queries.holdings(current_customer), _own(account_id))


@bp.get("/<uuid:account_id>.csv")
def table(account_id: UUID) -> ResponseReturnValue:
    """What is looked for as a table, sent as it is read."""
    holding, form = _own(account_id), StatementForm()
    if form.status != 200:
        raise Refused("Those days or that kind can’t be read. Go back, and choose.")
    pieces = exports.table(holding, form.wanted)
    return _file(stream_with_context(pieces), "text/csv", f"account-{holding.number[-4:]}.csv")


@bp.get("/<uuid:account_id>/<month>.pdf")
def statement(account_id: UUID, month: str) -> ResponseReturnValue:
    """A month on paper."""
    from . import printing  # few ask for paper, and what draws it is slow to load

    holding = _own(account_id)
    found, printed = printing.paper(current_customer, holding, month)
    name = f"account-{holding.number[-4:]}-{found.name}.pdf"
    return _file(printed, "application/pdf", name)


def _own(account_id: UUID) -> Holding:
    mine = queries.holdings(current_customer)
    found = next((each for each in mine if each.id == account_id), None)
    return found or abort(404)


def _page(holdings: list[Holding], chosen: Holding) -> ResponseReturnValue:
    form, after = StatementForm(), cursor()
    page = queries.statement(chosen.id, form.wanted, after=after)
    asked, here = form.asked, partial(url_for, ".account", account_id=chosen.id)
    rest = {name: value for name, value in asked.items() if name != "kind"}
    chips = [("All", here(**rest))]
    chips += [(title, here(kind=group, **rest)) for group, title in lines.GROUPS.items()]
    return render_template(
        "accounts/overview.html",
        customer=current_customer,
        bank=current_customer.bank,
        holdings=holdings,
        chosen=chosen,
        form=form,
        page=page,
        asked=asked,
        chips=chips,
        kind_title=lines.GROUPS.get(asked.get("kind", ""), "All"),
        newer=here(**asked) if after is not None else None,
        older=here(**asked, after=page.older) if page.older else None,
        months=months_since(chosen.opened_at, MONTHS) if form.wanted.everything else [],
    ), form.status


def _file(pieces: Iterable[str] | bytes, kind: str, name: str) -> Response:
    """Something to keep."""
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(pieces, mimetype=kind, headers=disposition)
