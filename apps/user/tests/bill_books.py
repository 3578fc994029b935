"""Bills, as a person pays them, and what they leave behind."""

from uuid import UUID, uuid4

from sqlalchemy import func, select, update

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.ledger import Transfer
from batua_db.models.payments import Biller, BillPayment
from batua_db.money import Money
from batua_dev.client import FreshClient
from batua_user.billers import standin
from batua_user.billers.catalogue import LISTINGS
from batua_user.billers.values import Bill

NUMBER = "9845012345"
SLOW, REFUSED, LOST = (f"9845012{ending}" for ending in ("001", "002", "003"))
ACCOUNT = "2047118803"  # at a biller that has bills


def order(browser: FreshClient, reference: str = NUMBER, code: str = "TARANG", **more: str) -> str:
    """Send the form of a bill, up to the PIN."""
    typed = {"reference": reference, "note": "", **more}
    if not LISTINGS[code].kind.fetched:
        typed.setdefault("amount", "199")
    answer = browser.submit(f"/pay/{code}", **typed)
    assert answer.status_code == 303, answer.text
    return answer.location


def id_of(where: str) -> UUID:
    return UUID(where.rpartition("/")[2])


def state_of(where: str | UUID) -> str:
    db.session.commit()
    payment_id = where if isinstance(where, UUID) else id_of(where)
    return db.session.scalars(select(BillPayment.state).where(BillPayment.id == payment_id)).one()


def booked() -> list[tuple[str, Money]]:
    """What was moved for bills, kind and amount."""
    db.session.commit()
    mine = Transfer.kind.in_(("bill", "bill_refund"))
    rows = db.session.execute(
        select(Transfer.kind, Transfer.amount).where(mine).order_by(Transfer.kind)
    )
    return [(row.kind, row.amount) for row in rows]


def held_by(code: str = "TARANG") -> Money:
    """What a biller has been paid."""
    db.session.commit()
    account = select(Biller.account_id).where(Biller.code == code)
    return ledger.balance(db.session.scalars(account).one())


def bills_due() -> None:
    """Let the worker's turn come for every payment that waits."""
    with transaction():
        late = func.clock_timestamp() - func.make_interval(0, 0, 0, 0, 1)
        waits = BillPayment.check_at.is_not(None)
        db.session.execute(update(BillPayment).where(waits).values(check_at=late))


def bill(reference: str = ACCOUNT, code: str = "DECCAN") -> Bill:
    """What a biller asks for."""
    found = standin.StandIn(LISTINGS[code]).fetch(reference)
    assert found
    return found


def new_key() -> str:
    return str(uuid4())
