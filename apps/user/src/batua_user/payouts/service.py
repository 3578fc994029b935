"""Payouts: the one state machine of money on its way to a bank account.

``prepared → in_flight → paid | returned``. The money leaves its owner's account first and
waits in ``in_flight``; then the bank is asked, outside of any transaction, and its word ends
it. Silence ends nothing: what the bank did is unknown until it says so.
"""

from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from batua_config import logs
from batua_db import ledger
from batua_db.database import db
from batua_db.errors import Unavailable
from batua_db.ledger import Move
from batua_db.models.desk import Halt
from batua_db.models.ledger import Transfer
from batua_db.models.payments import Merchant, Payout
from batua_db.models.wallet import User
from batua_user.bank import values
from batua_user.bank.service import float_of
from batua_user.house import fees, in_flight
from batua_user.notices.service import tell
from batua_user.steps import note

log = logs.get(__name__)

HALT = "payouts"
FAILURES = {
    "unknown_account": "Your bank knows no such account.",
    "holder_mismatch": "The account is not in the name you gave.",
    "account_closed": "Your account at the bank is closed.",
    "insufficient_funds": "No one bank of ours holds this much. Withdraw it in two parts.",
}
UNKNOWN = "The bank did not take it."


def lock(payout_id: UUID | None) -> Payout | None:
    """Hold a payout until the transaction ends; ``None`` if there is no such payout."""
    if payout_id is None:
        return None
    query = select(Payout).where(Payout.id == payout_id).with_for_update(of=Payout)
    return db.session.scalar(query.execution_options(populate_existing=True))


def refuse_while_halted() -> None:
    """Raise ``Unavailable`` while the books do not agree with the bank's."""
    if db.session.get(Halt, HALT):
        raise Unavailable(
            "Money can’t be sent to banks at the moment; we are checking our books."
            " It stays safe in your wallet. Try again in an hour.",
            retry_after=3600,
        )


def halt(reason: str) -> None:
    """Stop payouts until a person at the desk says otherwise. The caller commits."""
    row = insert(Halt).values(what=HALT, reason=reason).on_conflict_do_nothing()
    if db.session.scalar(row.returning(Halt.what)):
        log.error("payouts are stopped", reason=reason)


def resume() -> None:
    """Let payouts go on. The caller commits."""
    db.session.execute(delete(Halt).where(Halt.what == HALT))


def launch(payout: Payout, transfer_id: UUID) -> None:
    """Note that a payout's money has left its owner: from now on the bank is asked."""
    payout.state, payout.transfer_id = "in_flight", transfer_id
    payout.check_at = func.clock_timestamp()
    note(payout.id, "taken")


def takes(payout: Payout, said: values.Payout) -> bool:
    """Whether the bank speaks of the payout that we ordered, and that is not ended yet."""
    if payout.state != "in_flight":
        return False
    ordered = (payout.id, payout.amount, payout.bank_code, payout.bank_payout_id or said.id)
    if ordered == (said.payout_id, said.amount, said.bank, said.id):
        return True
    log.error("the bank speaks of another payout", payout_id=payout.id, at_bank=said.id)
    return False


def settle(payout: Payout, said: values.Payout) -> bool:
    """Book what the bank says of a locked payout that it ``takes``; says whether that ended it.

    One outcome has one key, whether the money arrived or came back.
    """
    if said.status == "pending":
        return False
    payout.bank_payout_id, payout.check_at = said.id, None
    if said.status == "succeeded":
        _arrive(payout, said)
    else:
        give_back(payout, said.failure)
    return True


def give_back(payout: Payout, failure: str) -> None:
    """Return a locked payout's money, and its fee, to whoever sent it."""
    payout.state, payout.failure = "returned", FAILURES.get(failure, UNKNOWN)
    payout.check_at = None
    payout.outcome_id = ledger.move_all(_returns(payout))[0].id
    note(payout.id, "returned", payout.failure)
    log.error("a payout came back", payout_id=payout.id, reason=failure)
    tell(
        payout.user_id,
        "payout",
        f"{payout.amount + payout.fee} is back in your {source_of(payout)}",
        payout.failure,
        path=page_of(payout),
    )


def page_of(payout: Payout) -> str:
    """Where its owner sees what became of a payout."""
    return f"/merchant/settlements/{payout.id}" if payout.merchant_id else f"/withdraw/{payout.id}"


def source_of(payout: Payout) -> str:
    """What its owner calls the place that the money came from."""
    return "takings" if payout.merchant_id else "wallet"


def kind_of(payout: Payout) -> str:
    """How its moves are called in the ledger."""
    return "settlement" if payout.merchant_id else "withdrawal"


def _arrive(payout: Payout, said: values.Payout) -> None:
    payout.state = "paid"
    payout.outcome_id = ledger.move(
        payout.amount,
        debit=in_flight(),
        credit=float_of(said.bank),
        kind=f"{kind_of(payout)}_paid",
        key=f"{kind_of(payout)}:{payout.id}:outcome",
        details={"payout": said.id, "bank": said.bank},
    ).id
    note(payout.id, "paid")
    account = payout.linked_account
    tell(
        payout.user_id,
        "payout",
        f"{payout.amount} is in your bank account",
        f"{account.bank.name} ··{account.last_digits}",
        path=page_of(payout),
    )


def _returns(payout: Payout) -> list[Move]:
    owner, kind = _owner(payout), kind_of(payout)
    key = f"{kind}:{payout.id}:outcome"
    moves = [
        Move(
            amount=payout.amount,
            debit=in_flight(),
            credit=owner,
            kind=f"{kind}_returned",
            key=key,
            reverses=payout.transfer_id,
        )
    ]
    if payout.fee:
        moves.append(
            Move(
                amount=payout.fee,
                debit=fees(),
                credit=owner,
                kind="fee_returned",
                key=f"{key}:fee",
                reverses=_fee_transfer(payout),
            )
        )
    return moves


def _fee_transfer(payout: Payout) -> UUID:
    key = f"settlement:{payout.id}:fee"
    ours = select(Transfer.id).where(Transfer.book == "wallet", Transfer.key == key)
    return db.session.scalars(ours).one()


def _owner(payout: Payout) -> UUID:
    """The account that the money came from."""
    person = select(User.account_id).where(User.id == payout.user_id)
    merchant = select(Merchant.account_id).where(Merchant.id == payout.merchant_id)
    return db.session.scalars(merchant if payout.merchant_id else person).one()
