"""Linking a bank account: the bank says whose it is, and it must be the person's own.

The number is sealed, and found by its fingerprint. The first account can be used at once;
each later one rests for a day, and its owner is told by SMS, so that a thief gains nothing.
"""

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, select, update

from batua_config import logs
from batua_db import fields, guesses
from batua_db.database import db, transaction
from batua_db.errors import NotFound, Refused, Unavailable
from batua_db.guesses import Rule
from batua_db.models.payments import LinkedAccount, Merchant
from batua_db.models.wallet import Bank, Guess, User
from batua_user.authorise import require_pin, verdict
from batua_user.bank.client import BankError, BankRefused
from batua_user.bank.current import bank
from batua_user.bank.values import HolderCheck
from batua_user.notices.service import tell

log = logs.get(__name__)

MOST = 5
REST = timedelta(hours=24)
CHECKS = Rule(10, (600,))  # in an hour: nobody tries out numbers through us


def link(user: User, *, bank_code: str, account_number: str, ifsc: str, holder: str) -> UUID:
    """Link an account once the bank has confirmed its holder; the same again is the same."""
    _refuse_elsewhere(bank_code, ifsc)
    if not same_person(user.name, holder):
        raise Refused(
            f"Link an account of your own: your wallet is in the name of {user.name}.",
            field="holder",
        )
    if not _check(user.id, account_number, ifsc, holder).matches:
        raise Refused(
            "The bank knows no such account in this name. Check the number, the IFSC and the name.",
            field="account_number",
        )
    with transaction():
        db.session.execute(select(User.id).where(User.id == user.id).with_for_update())
        return _keep(user, bank_code, account_number, ifsc, holder)


def remove(user: User, account_id: UUID, *, pin: str) -> None:
    """Unlink an account with the PIN; money on its way there still arrives."""
    require_pin(user)
    with transaction():
        refusal = verdict(user, pin)
        if refusal is None:
            _remove(user, account_id)
    if refusal:
        raise refusal


def same_person(one: str, other: str) -> bool:
    """Whether two names may be one person's: one may leave out a middle name or an initial."""
    mine, theirs = _words(one), _words(other)
    return bool(mine and theirs) and (mine <= theirs or theirs <= mine)


def _words(name: str) -> set[str]:
    return set(name.replace(".", " ").casefold().split())


def _refuse_elsewhere(bank_code: str, ifsc: str) -> None:
    known = db.session.get(Bank, bank_code)
    if known is None:
        raise Refused("Choose the bank of your account.", field="bank")
    if not ifsc.startswith(known.ifsc_prefix[:4]):
        raise Refused(
            f"An IFSC of {known.name} begins with {known.ifsc_prefix[:4]}. Check it, or the bank.",
            field="ifsc",
        )


def _check(user_id: UUID, number: str, ifsc: str, holder: str) -> HolderCheck:
    with transaction():
        guesses.take(Guess, guesses.this_hour(f"account-check:{user_id}"), CHECKS)
    try:
        return bank.check_account(account_number=number, ifsc=ifsc, holder=holder)
    except BankRefused as error:
        log.error("the bank refuses to check an account", code=error.code)
    except BankError as error:
        log.warning("no account check", reason=str(error))
    raise Unavailable(
        "The bank can’t be asked right now. Nothing was linked; try again in a few minutes.",
        retry_after=60,
    )


def _keep(user: User, bank_code: str, number: str, ifsc: str, holder: str) -> UUID:
    mine = select(LinkedAccount).where(LinkedAccount.user_id == user.id)
    open_ = db.session.scalars(mine.where(LinkedAccount.removed_at.is_(None))).all()
    known = fields.fingerprints(number)
    for account in open_:
        if account.number_hash in known and account.ifsc == ifsc:
            return account.id
    if len(open_) >= MOST:
        raise Refused(f"You have {MOST} accounts linked, which is the most. Remove one first.")
    first = db.session.scalar(mine.with_only_columns(func.count())) == 0
    account = LinkedAccount(
        id=uuid4(),
        user_id=user.id,
        bank_code=bank_code,
        ifsc=ifsc,
        holder=holder,
        number_sealed=fields.seal(number),
        number_hash=fields.fingerprint(number),
        last_digits=number[-4:],
        usable_at=func.clock_timestamp() + (timedelta(0) if first else REST),
    )
    db.session.add(account)
    _tell(user, number[-4:])
    return account.id


def _tell(user: User, digits: str) -> None:
    text = f"A bank account ending in {digits} was linked to your Batua wallet."
    tell(
        user.id,
        "security",
        f"Bank account ··{digits} linked",
        "Not you? Remove it, and choose a new PIN.",
        path="/bank-accounts",
        sms=f"{text} Not you? Sign in, remove it, and choose a new PIN.",
    )


def _remove(user: User, account_id: UUID) -> None:
    removed = db.session.scalar(
        update(LinkedAccount)
        .where(
            LinkedAccount.id == account_id,
            LinkedAccount.user_id == user.id,
            LinkedAccount.removed_at.is_(None),
        )
        .values(removed_at=func.clock_timestamp())
        .returning(LinkedAccount.id)
    )
    if removed is None:
        raise NotFound("There is no such account, or it is not yours.")
    unsettled = update(Merchant).where(Merchant.settle_to == account_id)
    db.session.execute(unsettled.values(settle_to=None))
