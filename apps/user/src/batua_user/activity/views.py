"""Pages of my history."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    redirect,
    render_template,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue

from batua_db.errors import NotFound, Refused
from batua_ui import spreadsheets
from batua_ui.filters import INDIA
from batua_ui.searching import cursor
from batua_user.extensions import current_user
from batua_user.merchants import queries as merchants

from . import export, kinds, people, queries, receipts, statements
from .days import by_day
from .forms import WantedForm
from .words import amount_in_words

bp = Blueprint("activity", __name__)


@bp.get("/activity")
def history() -> ResponseReturnValue:
    """What came and went, newest first; what is looked for is in the address."""
    form, after = WantedForm(), cursor()
    page = queries.search(current_user, form.wanted, after=after)
    asked, top = form.asked, after is None and form.wanted.everything
    return render_template(
        "activity/history.html",
        form=form,
        page=page,
        days=by_day(page, first=after is None),
        chips=_chips(asked),
        asked=asked,
        newer=url_for(".history", **asked) if after is not None else None,
        older=url_for(".history", **asked, after=page.older) if page.older else None,
        kind_title=kinds.GROUPS.get(asked.get("kind", ""), "All"),
        looked_at=f"{queries.LOOK_AT:,}",
        most_in_table=spreadsheets.MOST,
        months=statements.months(current_user),
        flow=queries.flow_since(current_user, datetime.now(INDIA).date().replace(day=1))
        if top
        else None,
    ), form.status


@bp.get("/activity/<uuid:transfer_id>")
def receipt(transfer_id: UUID) -> ResponseReturnValue:
    """One line of it, in full. What my business took or gave has a page of its own."""
    try:
        found = receipts.of(current_user, transfer_id)
    except NotFound:
        page = merchants.page_of(current_user, transfer_id)
        if page is None:
            raise
        return redirect(page)
    return render_template(
        "activity/receipt.html",
        receipt=found,
        line=found.line,
        operation=found.operation,
        in_words=amount_in_words(found.line.amount),
    )


@bp.get("/activity.csv")
def table() -> ResponseReturnValue:
    """What is looked for as a table, sent as it is read."""
    form = WantedForm()
    if form.status != 200:
        raise Refused("Those days or that kind can’t be read. Go back to your history, and choose.")
    pieces = export.table(current_user.account_id, form.wanted)
    return _file(stream_with_context(pieces), "text/csv", "batua-history.csv")


@bp.get("/people/<uuid:person_id>")
def person(person_id: UUID) -> ResponseReturnValue:
    """What went between me and somebody, both ways."""
    after = cursor()
    pair = people.between(current_user, person_id, after=after)
    here = partial(url_for, ".person", person_id=person_id)
    return render_template(
        "activity/person.html",
        pair=pair,
        days=by_day(pair.page, first=after is None),
        newer=here() if after is not None else None,
        older=here(after=pair.page.older) if pair.page.older else None,
    )


@bp.get("/statements/<month>.pdf")
def statement(month: str) -> ResponseReturnValue:
    """A month on paper."""
    from . import printing  # few ask for paper, and what draws it is slow to load

    found = statements.of(current_user, statements.find_month(current_user, month))
    return _file(printing.printed(found), "application/pdf", f"batua-{found.month.name}.pdf")


def _file(pieces: Iterable[str] | bytes, kind: str, name: str) -> Response:
    """Something to keep."""
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(pieces, mimetype=kind, headers=disposition)


def _chips(asked: dict[str, Any]) -> list[tuple[str, str]]:
    """Every group as a link that keeps the rest of what is looked for."""
    rest = {name: value for name, value in asked.items() if name != "kind"}
    links = [("All", url_for(".history", **rest))]
    return links + [
        (title, url_for(".history", kind=group, **rest)) for group, title in kinds.GROUPS.items()
    ]
