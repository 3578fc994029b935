"""The pages of books, and a day as a table for spreadsheets."""

from datetime import date

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from batua_ui import spreadsheets

from . import days, queries

bp = Blueprint("books", __name__, url_prefix="/books")


@bp.get("")
def trial() -> ResponseReturnValue:
    """The trial balance of every bank."""
    return render_template("desk/books/trial.html", trials=queries.trials(), today=days.today())


@bp.get("/day")
def choose() -> ResponseReturnValue:
    """Lead to the day that was chosen."""
    on = _date(request.args.get("on", ""))
    return redirect(url_for(".day", code=request.args.get("bank", ""), on=on.isoformat()), 303)


@bp.get("/<code>/<on>")
def day(code: str, on: str) -> ResponseReturnValue:
    """A bank's day."""
    return render_template("desk/books/day.html", day=days.day(code, _date(on)), today=days.today())


@bp.get("/<code>/<on>.csv")
def sheet(code: str, on: str) -> ResponseReturnValue:
    """The same as a table for spreadsheets."""
    report = days.day(code, _date(on))
    lines = [
        ("bank", "day", "what", "count", "opening", "in", "out", "closing"),
        *(
            (
                code,
                on,
                spreadsheets.safe(each.label),
                "",
                *map(spreadsheets.plain, (each.opening, each.came, each.went, each.closing)),
            )
            for each in report.standings
        ),
        *(
            (
                code,
                on,
                spreadsheets.safe(each.label),
                str(each.count),
                "",
                spreadsheets.plain(each.amount),
                "",
                "",
            )
            for each in report.flows
        ),
    ]
    name = f"attachment; filename={code}-{on}.csv"
    return Response(
        spreadsheets.BOM + spreadsheets.rows(lines),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": name},
    )


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        abort(404)
