"""The same movement without an app: ``ledger.move``, and separate statements as a naive app sends.

The separate statements have tables of the same shape and indexes in a schema of their own.
"""

import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from batua_dev import cluster
from batua_dev.postgres import Postgres

PEOPLE = 64
FIRST = 1000
ID = "00000000-0000-7000-8000-00000000"
SHOP = f"{ID}0999"
DRAW = rf"""
\set a random({FIRST}, {FIRST + PEOPLE - 1})
\set b {FIRST} + (:a - {FIRST} + random(1, {PEOPLE - 1})) % {PEOPLE}
"""
PAYER, PAYEE = f"('{ID}' || :a::text)::uuid", f"('{ID}' || :b::text)::uuid"
TO_SHOP = f"'{SHOP}'::uuid"
MOVE = """
SELECT outcome, transfer_id, debit_balance, credit_balance, short_by FROM ledger.move(1,
    {payer}, {payee}, 'send', 'send:' || gen_random_uuid(), NULL, 'bench', '{{}}', NULL);
"""
SEPARATE = r"""
BEGIN;
SELECT balance, version, status FROM naive.account WHERE id = least({payer}, {payee}) FOR UPDATE;
SELECT balance, version, status FROM naive.account WHERE id = greatest({payer}, {payee}) FOR UPDATE;
INSERT INTO naive.transfer (book, kind, debit_account, credit_account, amount, key, note)
    VALUES ('wallet', 'send', {payer}, {payee}, 1, 'send:' || gen_random_uuid(), 'bench')
    RETURNING id AS transfer \gset
UPDATE naive.account SET balance = balance - 1, version = version + 1 WHERE id = {payer}
    RETURNING balance AS paid, version AS paid_no \gset
UPDATE naive.account SET balance = balance + 1, version = version + 1 WHERE id = {payee}
    RETURNING balance AS got, version AS got_no \gset
INSERT INTO naive.entry (account_id, version, transfer_id, amount, balance, book)
    VALUES ({payer}, :paid_no, :transfer, -1, :paid, 'wallet');
INSERT INTO naive.entry (account_id, version, transfer_id, amount, balance, book)
    VALUES ({payee}, :got_no, :transfer, 1, :got, 'wallet');
COMMIT;
"""
TABLES = f"""
CREATE SCHEMA naive;
CREATE TABLE naive.account (LIKE ledger.account INCLUDING ALL) WITH (fillfactor = 70);
CREATE TABLE naive.transfer (LIKE ledger.transfer INCLUDING ALL);
CREATE TABLE naive.entry (LIKE ledger.entry INCLUDING ALL);
INSERT INTO naive.account (id, book, kind, balance)
    SELECT ('{ID}' || n)::uuid, 'wallet', 'person', 1000000
    FROM generate_series({FIRST}, {FIRST + PEOPLE - 1}) n
    UNION ALL SELECT {TO_SHOP}, 'wallet', 'merchant', 0;
GRANT USAGE ON SCHEMA naive TO batua_app;
GRANT EXECUTE ON FUNCTION ledger.uuid7() TO batua_app;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA naive TO batua_app;
"""  # noqa: S608
SCRIPTS = {
    "move": MOVE.format(payer=PAYER, payee=PAYEE),
    "move_shop": MOVE.format(payer=PAYER, payee=TO_SHOP),
    "separate": SEPARATE.format(payer=PAYER, payee=PAYEE),
    "separate_shop": SEPARATE.format(payer=PAYER, payee=TO_SHOP),
}


@dataclass(frozen=True, slots=True)
class Pgbench:
    """pgbench, with as many clients as the app has."""

    postgres: Postgres
    clients: int
    seconds: int

    def work(self, name: str) -> Callable[[], int]:
        """What runs one of ``SCRIPTS`` as the app's role, and counts its transactions."""
        script = self.postgres.folder / f"{name}.sql"
        script.write_text(DRAW + SCRIPTS[name])
        command: list[str | Path] = [self.postgres.program("pgbench"), "-n", "-M", "prepared"]
        command += ["-c", str(self.clients), "-j", "2", "-T", str(self.seconds), "-f", script]
        command += [self.postgres.url(cluster.APP, "batua_user")]
        return lambda: _said_by(command)


def _said_by(command: list[str | Path]) -> int:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"actually processed: (\d+)", done.stdout)
    if found is None or "failed transactions: 0 " not in done.stdout:
        raise AssertionError(done.stdout + done.stderr)
    return int(found[1])
