"""Magic references: a payment whose reference says what goes wrong, without the desk.

``sim:webhook_lost:anything`` loses the webhook of that payment, once.
``sim:slow.8:anything`` takes eight seconds, ``sim:webhook_duplicated.5:…`` sends five, and
``sim:payout_fails.account_closed:…`` fails for that reason.
"""

import re
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy.dialects.postgresql import insert

from batua_db.database import db, transaction
from batua_db.models.simulator import LONGEST, MOST_COPIES, Fault

from .kinds import FAILURES, KINDS, Kind
from .service import About

SPELL = re.compile(r"sim:(?P<what>[a-z0-9_]+)(?:\.(?P<how>[a-z_]+|\d{1,3}))?:.+", re.ASCII)
OURS = UUID("6f0c2ac5-9a0b-4f0e-8f7e-2d5b1c7a9e31")  # what the ids below are made from
FAILURE = "unknown_account"


def notice(about: About) -> None:
    """Switch on what a reference asks for, the first time that it is seen."""
    spell = SPELL.fullmatch(about.reference)
    kind = KINDS.get(spell["what"]) if spell else None
    if spell is None or kind is None:
        return
    row = insert(Fault).values(
        id=uuid5(OURS, f"{about.client}:{about.reference}"),
        what=kind.what,
        client=about.client,
        reference=about.reference,
        uses_left=1,
        fired=0,
        made_by="its reference",
        **_how(kind, spell["how"] or ""),
    )
    with transaction():
        db.session.execute(row.on_conflict_do_nothing())


def _how(kind: Kind, said: str) -> dict[str, Any]:
    """Its seconds, copies or reason, as the reference says or as is usual."""
    number = int(said) if said.isdecimal() else None
    seconds, times, failure = kind.seconds, kind.times, None
    if kind.what == "payout_fails":
        failure = said if said in FAILURES else FAILURE
    elif number is not None and kind.times > 1:
        times = max(1, min(number, MOST_COPIES))
    elif number is not None and kind.seconds:
        seconds = min(number, LONGEST)
    return {"seconds": seconds, "times": times, "failure": failure}
