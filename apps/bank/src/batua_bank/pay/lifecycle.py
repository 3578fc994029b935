"""A payment session's life: opened by the API, found by its link, and over after five minutes."""

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from batua_bank.clients import registry
from batua_bank.outbox import announce
from batua_db.database import db, transaction
from batua_db.models.bank import Customer, PaymentSession, SessionEvent, SessionStatus
from batua_db.models.clients import Client
from batua_db.money import Money

from . import facts, links, queries
from .addresses import check_return_url
from .refusals import Expired, ReferenceUsed, UnknownLink, Used

MOST_AT_ONCE = 100


def open_session(
    client: str,
    *,
    amount: Money,
    bank: str,
    reference: str,
    description: str,
    return_url: str,
    consent: Money | None = None,
) -> PaymentSession:
    """Store a session and let its link work for five minutes. The caller commits.

    ``consent`` is what the platform would like to take a month without asking again. Redis
    comes first: a link without a session leads nowhere, and a session whose link never worked
    would be a promise not kept.
    """
    registry.platform_account(client, bank)  # there is one
    origins = registry.origins_of(db.session.get_one(Client, client))
    session = _write(
        client=client,
        bank_code=bank,
        reference=reference,
        amount=amount,
        description=description,
        return_url=check_return_url(return_url, origins=origins),
        expires_at=func.clock_timestamp() + links.LIFE,
        consent_cap=consent,
    )
    links.publish(session.id)
    return session


def write_approved(
    client: str, *, by: UUID, bank: str, amount: Money, reference: str, description: str
) -> PaymentSession:
    """Store a session that its customer approved beforehand: nobody is sent to its page.

    So that a reference is one payment's, however it came about. The caller commits.
    """
    now = func.clock_timestamp()
    session = _write(
        client=client,
        bank_code=bank,
        reference=reference,
        amount=amount,
        description=description,
        return_url=next(iter(registry.origins_of(db.session.get_one(Client, client))), ""),
        expires_at=now,
        status="succeeded",
        decided_at=now,
        decided_by=by,
    )
    note(session, "consented")
    return session


def _write(**values: Any) -> PaymentSession:
    session_id = uuid4()
    hashed = links.hash_token(links.token_of(session_id))
    query = insert_or(PaymentSession).values(id=session_id, token_hash=hashed, **values)
    query = query.on_conflict_do_nothing(index_elements=["client", "reference"])
    session = db.session.scalar(query.returning(PaymentSession))
    if session is None:
        raise ReferenceUsed
    return session


def find(token: str) -> queries.Found:
    """The session of a link, whatever became of it."""
    found = queries.by_token(token)
    if found is None:
        raise UnknownLink
    return found


def hold(token: str) -> queries.Found:
    """The session of a link, held until the transaction ends: one decision at a time."""
    found = queries.by_token(token, hold=True)
    if found is None:
        raise UnknownLink
    return found


def find_open(token: str) -> PaymentSession:
    """The session of a link that can still be approved, or why it can't."""
    return require_open(find(token))


def require_open(found: queries.Found) -> PaymentSession:
    """The session, if it is open, its time is not up, and Redis still has its link."""
    session, status = found
    if status in {"succeeded", "declined"}:
        raise Used(session)
    if status == "expired" or not links.is_live(session.token_hash, session.id):
        raise Expired(session)
    return session


def claim(session: PaymentSession, status: SessionStatus, *, by: Customer, key: UUID) -> bool:
    """Decide an open session; only one can ever win. Says whether this one did.

    The row and the database's clock decide, whatever Redis says.
    """
    claimed = db.session.scalar(
        update(PaymentSession)
        .where(
            PaymentSession.id == session.id,
            PaymentSession.status == "open",
            PaymentSession.expires_at > func.clock_timestamp(),
        )
        .values(
            status=status,
            decided_at=func.clock_timestamp(),
            decided_by=by.id,
            decision_key=key,
        )
        .returning(PaymentSession)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return claimed is not None


def note(session: PaymentSession, what: str, customer: Customer | None = None) -> None:
    """Write who did what to a session. The caller commits."""
    customer_id = customer.id if customer else None
    db.session.execute(
        insert(SessionEvent).values(
            id=uuid4(), session_id=session.id, customer_id=customer_id, what=what
        )
    )


def note_opened(session: PaymentSession, customer: Customer | None) -> None:
    """Write who looked at a session, the first time they do."""
    customer_id = customer.id if customer else None
    seen = select(SessionEvent.id).where(
        SessionEvent.session_id == session.id,
        SessionEvent.what == "opened",
        SessionEvent.customer_id.is_not_distinct_from(customer_id),
    )
    with transaction():
        if not db.session.scalar(select(literal(value=True)).where(seen.exists())):
            note(session, "opened", customer)


def note_signed_in(session: PaymentSession, customer: Customer) -> None:
    """Write who signed in for a session."""
    with transaction():
        note(session, "signed_in", customer)


def expire_due() -> int:
    """Close sessions whose time is up, and tell their clients; answers how many."""
    with transaction():
        due = db.session.scalars(
            select(PaymentSession)
            .where(
                PaymentSession.status == "open",
                PaymentSession.expires_at <= func.clock_timestamp(),
            )
            .order_by(PaymentSession.expires_at)
            .limit(MOST_AT_ONCE)
            .with_for_update(of=PaymentSession, skip_locked=True)
        ).all()
        for session in due:
            session.status = "expired"
            note(session, "expired")
            announce(session.client, "payment.expired", facts.of_session(session))
        return len(due)
