"""Idempotency: the first answer to a write, kept with its effect, is the answer to all repeats."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select

from batua_db.database import db, transaction
from batua_db.errors import IdempotencyMismatch
from batua_db.models.bank import Idempotency


@dataclass(frozen=True, slots=True)
class Call:
    """A write: who, under which key, and a hash of what."""

    client: str
    key: str
    request_hash: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What a write was answered."""

    status: int
    body: str
    repeated: bool = False


def answer_once(call: Call, act: Callable[[], Answer]) -> Answer:
    """Act, and keep the answer in the same transaction; or answer as the first time.

    A refusal among the answers undoes what was done and is kept too. What ``act`` raises
    is not kept, and nothing is done. The same key at the same time waits for the first.
    """
    with transaction():
        turn = func.hashtextextended(f"{call.client}:{call.key}", 0)
        db.session.execute(select(func.pg_advisory_xact_lock(turn)))
        kept = db.session.get(Idempotency, (call.client, call.key))
        if kept is None:
            answer = _act(act)
            _keep(call, answer)
            return answer
        if kept.request_hash != call.request_hash:
            raise IdempotencyMismatch
        return Answer(kept.status, kept.body, repeated=True)


def _act(act: Callable[[], Answer]) -> Answer:
    effect = db.session.begin_nested()
    answer = act()
    if answer.status < 400:
        effect.commit()
    else:
        effect.rollback()
    return answer


def _keep(call: Call, answer: Answer) -> None:
    db.session.add(
        Idempotency(
            client=call.client,
            key=call.key,
            request_hash=call.request_hash,
            status=answer.status,
            body=answer.body,
        )
    )
