"""Remembering a bank, and forgetting it."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select, update

from batua_db.database import db, transaction
from batua_db.errors import NotFound, Refused
from batua_db.models.links import BankLink
from batua_db.models.wallet import Topup, User
from batua_user.bank.consents import Consent
from batua_user.notices.service import tell

PAGE = "/settings/banks"


class LinkOver(Refused):
    """It was ended, at the bank or here, or its year is over."""

    code = "link_over"

    def __init__(self, bank: str) -> None:
        super().__init__(f"{bank} is not linked any more. Nothing was taken.")


def remember(topup: Topup) -> None:
    """Have the bank asked whether its customer agreed. The caller commits."""
    topup.remember = False
    db.session.add(
        BankLink(
            id=uuid4(),
            user_id=topup.user_id,
            bank_code=topup.bank_code,
            topup_id=topup.id,
            check_at=func.clock_timestamp(),
        )
    )
    db.session.flush()


def hold(user: User, link_id: UUID) -> BankLink:
    """A link of this person, held until the transaction ends; anybody else's is not there."""
    mine = select(BankLink).where(BankLink.id == link_id, BankLink.user_id == user.id)
    held = mine.with_for_update(of=BankLink, key_share=True)
    link = db.session.scalar(held.execution_options(populate_existing=True))
    if link is None:
        raise NotFound("There is no such bank, or it is not yours to see.")
    return link


def usable(link: BankLink) -> BankLink:
    """The link, if money may be taken by it; raises ``LinkOver``."""
    over = link.expires_at is None or link.expires_at <= datetime.now(UTC)
    if link.state != "active" or over:
        raise LinkOver(link.bank.name)
    return link


def learn(link_id: UUID, consents: list[Consent]) -> None:
    """Take over what the bank says that its customer allowed; nothing ends the link."""
    with transaction():
        link = db.session.get_one(BankLink, link_id, with_for_update={"of": BankLink})
        if link.state != "asked":
            return
        given = next((each for each in consents if each.status == "active"), None)
        if given is None or given.bank != link.bank_code:
            _end(link, "not_given")
            return
        _replace(link, given)
        link.state, link.check_at = "active", None
        link.consent_id, link.account = given.id, given.account
        link.cap, link.expires_at = given.cap, given.expires_at
        tell(
            link.user_id,
            "security",
            f"{link.name} is linked",
            f"With your PIN you add up to {link.cap} a month from it, without going to the bank.",
            path=PAGE,
        )


def unlink(user: User, link_id: UUID) -> None:
    """Use it no more, from now on; the bank is told so by the worker."""
    with transaction():
        link = hold(user, link_id)
        if link.state == "active":
            _give_up(link, "unlinked")


def is_over(link_id: UUID, why: str) -> None:
    """The bank says that it is over, or has been told. The caller commits."""
    _end(db.session.get_one(BankLink, link_id), why)


def told(link_id: UUID) -> None:
    """The bank knows that it is used no more."""
    with transaction():
        link = db.session.get_one(BankLink, link_id)
        _end(link, link.ended_why)


def _replace(link: BankLink, given: Consent) -> None:
    """One account is linked once: the older consent is given up."""
    older = (
        BankLink.user_id == link.user_id,
        BankLink.bank_code == link.bank_code,
        BankLink.account == given.account,
        BankLink.state == "active",
    )
    db.session.execute(
        update(BankLink)
        .where(*older)
        .values(state="ending", ended_why="replaced", check_at=func.clock_timestamp(), checks=0)
    )


def _give_up(link: BankLink, why: str) -> None:
    link.state, link.ended_why = "ending", why
    link.check_at, link.checks = func.clock_timestamp(), 0


def _end(link: BankLink, why: str) -> None:
    link.state, link.ended_why, link.check_at = "ended", why, None
