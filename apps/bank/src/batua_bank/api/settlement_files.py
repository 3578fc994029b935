"""The calls of the API about settlement files: which days are closed, and the file of one."""

import base64
from datetime import date
from typing import Any

from flask import Response, g, request, stream_with_context
from marshmallow import fields

from batua_bank.clients import registry
from batua_bank.settlement import queries, service
from batua_db.errors import NotFound
from batua_db.models.outgoing import SettlementFile

from .fields import Schema, bank_code, number, text
from .views import bp, named

AT_ONCE = 100
CSV = "text/csv"
EXAMPLE_CHECKSUM = "9a2fe1c4b7f0d3586ce41c0f2f9d8b7a6e5d4c3b2a190817263544536271809f"
EXAMPLE_FILE = f"""\
head,1,SBB,wallet,2026-01-14,INR,123406750
line,7,0199c2f4-5d1e-7c0a-b6a5-0d2a4f6b8c1e,2026-01-14T13:14:52.113902+00:00,payment,\
5d0a6f0e-6d53-4a55-9a43-2f0d1b7c8e90,50000,123456750
end,1,50000,0,123456750,{EXAMPLE_CHECKSUM}
"""
EXAMPLE: dict[str, Any] = {
    "items": [
        {
            "bank": "SBB",
            "day": "2026-01-14",
            "checksum": EXAMPLE_CHECKSUM,
            "count": 1,
            "sum_in": 500_00,
            "sum_out": 0,
            "opening": 12_34_067_50,
            "closing": 12_34_567_50,
            "size": 258,
        }
    ],
    "next": None,
}


def day(about: str, **options: Any) -> fields.Date:
    """A day in India, as ISO 8601 writes it."""
    wrong: dict[str, Any] = {"invalid": "Give a day as 2026-01-14."}
    return fields.Date(metadata={"description": about}, error_messages=wrong, **options)


class FilesQuery(Schema):
    """Which account, and after which day."""

    bank = bank_code()
    after = day("The last day that is known.", load_default=date.min)


class File(Schema):
    """A closed day of the platform's account."""

    bank = bank_code()
    day = day("The day, from midnight to midnight in India.", required=True)
    checksum = text("What the end of its file says: SHA-256 of every byte before it, in hex.")
    count = number("How many lines it has; none is a file too.", required=True)
    sum_in = number("Whole paise that came in.", required=True)
    sum_out = number("Whole paise that went out, below zero.", required=True)
    opening = number("Whole paise before its first line, as after the day before.", required=True)
    closing = number("Whole paise after its last line.", required=True)
    size = number("Bytes of the file.", required=True)


class Files(Schema):
    """Closed days, oldest first."""

    items = fields.List(fields.Nested(File), required=True)
    next = text("What to give as after for more; null at the end.", allow_none=True)


@bp.route("/settlement/files")
@bp.arguments(FilesQuery, location="query")
@bp.response(200, Files, example=EXAMPLE)
def list_files(query: dict[str, Any]) -> dict[str, Any]:
    """List the closed days of the platform's own account at a bank.

    A day is closed some minutes after midnight in India, once nothing of it can still be
    booked. Every day since the account was opened has a file, and none ever changes.
    """
    registry.platform_account(g.client, query["bank"])
    found = queries.closed(g.client, query["bank"], after=query["after"], most=AT_ONCE)
    more = found[-1].day.isoformat() if len(found) == AT_ONCE else None
    return {"items": [_as_item(each) for each in found], "next": more}


@bp.route(
    "/settlement/files/<bank>/<day>",
    parameters=[
        *named("bank", "SBB", "Code of a bank.", form=None),
        *named("day", "2026-01-14", "A day in India.", form="date"),
    ],
)
@bp.response(
    200,
    {"type": "string", "description": "A head, a line for each entry, and an end."},
    content_type=CSV,
    example=EXAMPLE_FILE,
    refuses=(404, 409),
)
def read_file(bank: str, day: str) -> Response:
    """Read the settlement file of a day, as CSV.

    Three kinds of rows. head: version, bank, client, day, currency, opening balance. line:
    number (from the day before without a gap), id, time, kind, reference, amount, balance
    after it. end: lines, sum in, sum out, closing balance, and the SHA-256 of every byte
    before it, in hex. Amounts are whole paise, out below zero. Content-Digest covers the whole.
    """
    row, pieces = service.read_file(g.client, bank, _read_day(day))
    etag = row.checksum.hex()
    # A stream that nobody reads would keep its context open.
    unread = request.method == "HEAD" or etag in request.if_none_match
    answer = Response(() if unread else stream_with_context(pieces), mimetype=CSV)
    answer.content_length = row.size
    digest = base64.b64encode(row.digest).decode()
    answer.headers["Content-Digest"] = f"sha-256=:{digest}:"
    name = f"settlement-{row.bank_code}-{row.day}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.set_etag(etag)
    answer.make_conditional(request)
    return answer


def _read_day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise NotFound("There is no such day.") from None


def _as_item(row: SettlementFile) -> dict[str, Any]:
    return {
        "bank": row.bank_code,
        "day": row.day,
        "checksum": row.checksum.hex(),
        "count": row.count,
        "sum_in": row.sum_in.paise,
        "sum_out": row.sum_out.paise,
        "opening": row.opening.paise,
        "closing": row.closing.paise,
        "size": row.size,
    }
