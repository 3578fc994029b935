"""Prove the books: ``python -m batua_db.audit [--json]``. Exit code 0 only if all holds.

It reads and never writes, locks nothing, and may run while money moves.
"""

import argparse
import sys
from collections.abc import Generator
from contextlib import contextmanager
from time import sleep
from typing import Any

from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from batua_config.settings import Settings, SettingsError

from .audit_report import BookProof, Lag, Proof, as_json, as_text
from .models.ledger import Book
from .reconciliation import Fault, read_bank, read_wallet, reconcile

# An audit takes as long as it takes, whatever a request is allowed.
SETTINGS = text(
    "SELECT set_config(name, value, true) FROM (VALUES ('statement_timeout', '0'),"
    " ('idle_in_transaction_session_timeout', '0'), ('timezone', 'UTC')) AS own (name, value)"
)
COUNTS = text(
    "SELECT (SELECT count(*) FROM ledger.account WHERE book = :book) AS accounts,"
    " (SELECT count(*) FROM ledger.transfer WHERE book = :book) AS transfers,"
    " (SELECT count(*) FROM ledger.entry WHERE book = :book) AS entries,"
    " (SELECT coalesce(sum(balance), 0) FROM ledger.account WHERE book = :book)"
    " + (SELECT coalesce(sum(p.amount), 0) FROM ledger.pending p"
    "    JOIN ledger.account a ON a.id = p.account_id WHERE a.book = :book) AS sum"
)
FAULTS = text(
    "SELECT fault, place, detail FROM ledger.audit() WHERE coalesce(book, :book) = :book"
    " ORDER BY fault, place"
)
BLOCKS = text("SELECT number, digest FROM ledger.block WHERE book = :book")
# What no seal covers yet, and which seals the other app keeps no copy of yet.
LAGS = text(
    "SELECT count(*) AS entries,"
    " coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0) AS age,"
    " (SELECT count(*) FROM ledger.block WHERE book = :book AND number > :copied) AS blocks,"
    " (SELECT coalesce(extract(epoch FROM clock_timestamp() - min(sealed_at)), 0)"
    "   FROM ledger.block WHERE book = :book AND number > :copied) AS block_age"
    " FROM ledger.entry WHERE book = :book AND xact >="
    " coalesce((SELECT max(upto) FROM ledger.block WHERE book = :book), '0')"
)
WITNESSED = {
    "wallet": text("SELECT number, digest FROM bank.witness WHERE book = 'wallet'"),
    "bank": text("SELECT number, digest FROM wallet.witness WHERE book = 'bank'"),
}
KEEPER: dict[Book, Book] = {"wallet": "bank", "bank": "wallet"}  # of the copies
Digests = dict[int, bytes]
SEALED_WITHIN = 86_400  # seconds: until then it may be a worker that stands still


def prove(wallet: Engine, bank: Engine) -> Proof:
    """Prove both books and that they agree; look twice before saying that they do not."""
    proof = _prove(wallet, bank)
    if any(each.faults or each.difference for each in proof.reconciliation):
        sleep(0.5)  # a replica or a slow clock may lag; what is wrong stays wrong
        proof = _prove(wallet, bank)
    return proof


def _prove(wallet: Engine, bank: Engine) -> Proof:
    """Read each side in one snapshot, in an order in which moving money looks like itself.

    The copies of the wallet's seals first: a block is sealed before it is copied, so each
    copy seen here must be among the blocks that the later snapshot shows. Then the wallet,
    then the bank: the wallet books what the bank has already moved, so all that the wallet's
    snapshot has is in the bank's later one. What the bank moved in between looks like what
    it is, money on its way, and is younger than a minute.
    """
    with _snapshot(bank) as there:
        copies = _digests(there, "wallet")
    with _snapshot(wallet) as here:
        sides = read_wallet(here)
        with _snapshot(bank) as there:
            reconciled = reconcile(sides, read_bank(there))
            books: dict[Book, BookProof] = {
                "wallet": _prove_book(here, "wallet", copies),
                "bank": _prove_book(there, "bank", _digests(here, "bank")),
            }
    return Proof(books, reconciled)


@contextmanager
def _snapshot(engine: Engine) -> Generator[Connection]:
    options: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        connection.execute(SETTINGS)
        yield connection


def _digests(connection: Connection, book: Book) -> Digests:
    """The copies of the seals of ``book`` that the other app keeps."""
    return {row.number: bytes(row.digest) for row in connection.execute(WITNESSED[book])}


def _prove_book(connection: Connection, book: Book, copies: Digests) -> BookProof:
    counts = connection.execute(COUNTS, {"book": book}).one()
    rows = connection.execute(FAULTS, {"book": book})
    faults = [Fault(row.fault, row.place, row.detail) for row in rows]
    rows = connection.execute(BLOCKS, {"book": book})
    blocks = {row.number: bytes(row.digest) for row in rows}
    faults += _compare(book, blocks, copies)
    behind = lags(connection, book, max(copies, default=0))
    faults += [
        Fault("not sealed", "the latest", f"{lag.many} {lag.what} for {lag.age} s")
        for lag in behind
        if lag.many and lag.age >= SEALED_WITHIN
    ]
    size = (counts.accounts, counts.transfers, counts.entries, int(counts.sum))
    return BookProof(*size, len(blocks), len(copies), faults, behind)


def lags(connection: Connection, book: Book, copied: int) -> list[Lag]:
    """How far sealing and copying are behind: whoever changes a row then is not seen."""
    row = connection.execute(LAGS, {"book": book, "copied": copied}).one()
    return [
        Lag("entries not sealed", row.entries, int(row.age)),
        Lag("seals not copied", row.blocks, int(row.block_age)),
    ]


def _compare(book: Book, blocks: Digests, copies: Digests) -> list[Fault]:
    """Only this finds a forger who rewrites the whole chain."""
    keeper = KEEPER[book]
    return [
        Fault("witness", f"block {number}", f"not the block whose digest the {keeper} keeps")
        if number in blocks
        else Fault("witness", f"block {number}", f"the {keeper} keeps its digest, and it is gone")
        for number, digest in sorted(copies.items())
        if blocks.get(number) != digest
    ]


def prove_at(wallet: str, bank: str) -> Proof:
    """Prove the books in the databases at these addresses, as SQLAlchemy writes them."""
    return prove(_engine(wallet), _engine(bank))


def main(arguments: list[str] | None = None) -> int:
    """Print the proof; answer 0 if all holds, 1 if not, 2 if it can't be told."""
    parser = argparse.ArgumentParser(prog="audit", description="Prove the books.")
    parser.add_argument("--json", action="store_true", help="for programs")
    wanted = parser.parse_args(arguments)
    try:
        settings = Settings.load()
        proof = prove_at(settings.database_url("user"), settings.database_url("bank"))
    except SettingsError as error:
        return _unable(str(error))
    except OperationalError as error:
        return _unable(f"The database does not answer: {error.orig}")
    except ProgrammingError as error:
        return _unable(f"The database is not as the migrations make it: {error.orig}")
    sys.stdout.write((as_json if wanted.json else as_text)(proof) + "\n")
    return 0 if proof.ok else 1


def _engine(url: str) -> Engine:
    return create_engine(url, poolclass=NullPool, connect_args={"prepare_threshold": None})


def _unable(why: str) -> int:
    sys.stderr.write(f"Nothing is proved. {why.strip()}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
