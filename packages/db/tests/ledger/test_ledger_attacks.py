"""What the application's role cannot do, and what nobody can do unseen."""

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from batua_dev.scratch import Scratch, inside
from batua_dev.testrun import sqlalchemy_url

pytestmark = pytest.mark.commits

AS_APP = [
    "UPDATE ledger.account SET balance = balance + 1",
    "UPDATE ledger.account SET floor = NULL",
    "UPDATE ledger.account SET status = 'open'",
    "INSERT INTO ledger.account (book, kind, balance) VALUES ('wallet', 'person', 5)",
    "DELETE FROM ledger.account",
    "UPDATE ledger.entry SET amount = 1",
    "INSERT INTO ledger.entry SELECT account_id, version + 9, transfer_id, 5, 5, now(), book"
    " FROM ledger.entry LIMIT 1",
    "DELETE FROM ledger.entry",
    "UPDATE ledger.transfer SET amount = 1",
    "INSERT INTO ledger.transfer (book, kind, debit_account, credit_account, amount, key)"
    " VALUES ('wallet', 'gift', gen_random_uuid(), gen_random_uuid(), 5, 'x')",
    "DELETE FROM ledger.transfer",
    "INSERT INTO ledger.pending SELECT credit_account, id, 5 FROM ledger.transfer",
    "DELETE FROM ledger.pending",
    "UPDATE ledger.block SET digest = digest",
    "DELETE FROM ledger.block",
    "TRUNCATE ledger.entry",
    "TRUNCATE ledger.transfer CASCADE",
    "SELECT * FROM ledger.account FOR UPDATE",
    "LOCK TABLE ledger.entry IN EXCLUSIVE MODE",
    "ALTER TABLE ledger.entry DISABLE TRIGGER ALL",
    "ALTER TABLE ledger.account DROP CONSTRAINT ck_account_sound",
    "ALTER DOMAIN ledger.book DROP CONSTRAINT book_check",
    "ALTER FUNCTION ledger.move SET search_path = public",
    "DROP TRIGGER append_only ON ledger.entry",
    "DROP TABLE ledger.entry",
    "CREATE OR REPLACE FUNCTION ledger.refuse() RETURNS trigger LANGUAGE plpgsql"
    " AS 'begin return new; end'",
    "CREATE FUNCTION ledger.mine() RETURNS int LANGUAGE sql AS 'select 1'",
    "CREATE TABLE public.account (id uuid)",
    "SET session_replication_role = replica",
    "SET ROLE {owner}",
    "SET SESSION AUTHORIZATION {owner}",
    "GRANT {owner} TO batua_app",
    "SELECT ledger.open_account('wallet', 'person', NULL, NULL)",
    "SELECT ledger.uuid7()",
]
AS_OWNER = [
    "UPDATE ledger.entry SET amount = amount + 1",
    "DELETE FROM ledger.transfer",
    "TRUNCATE ledger.transfer, ledger.entry",
    "TRUNCATE ledger.pending",
    "UPDATE ledger.pending SET amount = amount + 1",
    "UPDATE ledger.block SET digest = digest",
    "DELETE FROM ledger.block",
    "UPDATE ledger.account SET balance = balance + 1",
    "UPDATE ledger.account SET version = version + 1",
    "UPDATE ledger.account SET owner = NULL",
    "UPDATE ledger.account SET floor = NULL",
    "UPDATE ledger.account SET hot = NOT hot",
    "DELETE FROM ledger.account",
    "INSERT INTO ledger.account (book, kind, balance) VALUES ('wallet', 'person', 5)",
    "INSERT INTO ledger.account (book, kind, floor) VALUES ('wallet', 'person', NULL)",
]
MAY_NOT = "permission denied|must be (owner|superuser|able)|refused|changes only by"

FIFTH = {
    "@one": "(account_id, version) = (:a, 5)",
    "@of": "id = (SELECT transfer_id FROM ledger.entry WHERE (account_id, version) = (:a, 5))",
    "@new": "gen_random_uuid()",
}
# What a superuser runs with triggers off, the fault it is, and the place it is found at.
TAMPER = [
    ("UPDATE ledger.entry SET amount = amount - 1 WHERE @one", "running balance", "entry {a}/5"),
    ("UPDATE ledger.entry SET balance = balance + 1 WHERE @one", "running balance", "entry {a}/5"),
    ("UPDATE ledger.entry SET created_at = now() WHERE @one", "changed", "entry {a}/5"),
    ("UPDATE ledger.entry SET transfer_id = @new WHERE @one", "changed", "entry {a}/5"),
    ("UPDATE ledger.entry SET book = 'bank' WHERE @one", "legs", "transfer {t}"),
    ("DELETE FROM ledger.entry WHERE @one", "gap", "entry {a}/6"),
    ("UPDATE ledger.entry SET account_id = :w WHERE @one", "no account", "entry {w}/5"),
    ("UPDATE ledger.entry SET xact = '1' WHERE @one", "changed", "entry {a}/5"),
    ("UPDATE ledger.entry SET xact = '9999999' WHERE @one", "seal", "block 1"),
    ("UPDATE ledger.transfer SET amount = amount + 1 WHERE @of", "legs", "transfer {t}"),
    ("UPDATE ledger.transfer SET note = 'gift' WHERE @of", "changed", "entry {a}/5"),
    ("UPDATE ledger.transfer SET key = 'other' WHERE @of", "changed", "entry {a}/5"),
    ("UPDATE ledger.transfer SET kind = 'other' WHERE @of", "changed", "entry {a}/5"),
    ("UPDATE ledger.transfer SET details = '1' WHERE @of", "changed", "entry {a}/5"),
    ("UPDATE ledger.transfer SET happened_at = now() WHERE @of", "changed", "entry {a}/5"),
    ("UPDATE ledger.transfer SET created_at = now() WHERE @of", "changed", "entry {a}/5"),
    ("UPDATE ledger.transfer SET book = 'bank' WHERE @of", "mismatch", "transfer {t}"),
    ("UPDATE ledger.transfer SET reverses = id WHERE @of", "reversal", "transfer {t}"),
    ("UPDATE ledger.transfer SET credit_account = @new WHERE @of", "legs", "transfer {t}"),
    ("DELETE FROM ledger.transfer WHERE @of", "legs", "transfer {t}"),
    ("UPDATE ledger.account SET balance = balance + 1 WHERE id = :a", "balance", "account {a}"),
    ("UPDATE ledger.account SET version = version + 1 WHERE id = :a", "balance", "account {a}"),
    ("UPDATE ledger.account SET owner = gen_random_uuid() WHERE id = :a", "changed", "entry {a}/5"),
    ("UPDATE ledger.account SET kind = 'fees' WHERE id = :a", "changed", "entry {a}/5"),
    ("UPDATE ledger.account SET floor = -5 WHERE id = :a", "changed", "entry {a}/5"),
    ("UPDATE ledger.account SET floor = NULL WHERE id = :idle", "no floor", "account {idle}"),
    ("UPDATE ledger.account SET status = 'closed' WHERE id = :a", "closed", "account {a}"),
    ("DELETE FROM ledger.account WHERE id = :a", "no account", "entry {a}/5"),
    ("INSERT INTO ledger.account (book, kind, balance, version) VALUES ('wallet', 'person', 9, 1)",
     "not zero", "book wallet"),
    ("DELETE FROM ledger.pending", "legs", "transfer {w}"),
    ("UPDATE ledger.pending SET amount = amount + 1", "legs", "transfer {w}"),
    ("INSERT INTO ledger.pending SELECT account_id, transfer_id, amount FROM ledger.entry"
     " WHERE @one", "booked twice", "transfer {t}"),
    ("UPDATE ledger.block SET digest = sha256('x')", "seal", "block 1"),
    ("UPDATE ledger.block SET previous = sha256('x')", "chain", "block 1"),
    ("UPDATE ledger.block SET since = '1'", "chain", "block 1"),
    ("UPDATE ledger.block SET number = 2", "chain", "block 2"),
    ("UPDATE ledger.block SET book = 'bank'", "seal", "block 1"),
    ("UPDATE ledger.block SET upto = '2'", "seal", "block 1"),
    ("UPDATE ledger.block SET marks = ''", "changed", "entry {a}/5"),
]  # fmt: skip


def fifth(statement: str) -> str:
    """Aim a statement at the fifth entry of the first account."""
    for name, sql in FIFTH.items():
        statement = statement.replace(name, sql)
    return statement


@pytest.fixture(scope="module")
def history(books):
    """Moves, some folded, some reversed; all sealed but the last two, of which one waits."""
    a, b, shop = (
        books.open(funds=10_000),
        books.open(funds=10_000),
        books.open("merchant", hot=True),
    )
    for n in range(12):
        paid = books.move(10 + n, a, b, note=f"lunch {n} ₹")
        books.move(5, b, shop, kind="pay")
        if n % 5 == 0:
            books.move(10, b, a, kind="refund", reverses=paid.id)
    books.fold()
    assert len(books.seal()) == 1
    books.move(7, b, shop, kind="pay", key="waiting")
    books.move(3, a, b, key="unsealed")
    assert books.faults() == []
    [(t,)] = books.sql(fifth("SELECT transfer_id FROM ledger.entry WHERE @one"), a=a)
    [(w,)] = books.sql("SELECT id FROM ledger.transfer WHERE key = 'waiting'")
    return {"a": a, "t": t, "w": w, "idle": books.open()}


@pytest.mark.parametrize("statement", AS_APP)
@pytest.mark.usefixtures("history")
def test_the_application_is_refused(books, statement: str) -> None:
    with pytest.raises(DBAPIError, match=MAY_NOT):
        books.sql(statement.format(owner=books.owner))


@pytest.mark.parametrize("statement", AS_OWNER)
@pytest.mark.usefixtures("history")
def test_the_owner_is_refused_too_unless_triggers_are_disabled(books, statement: str) -> None:
    with books.admin.connect() as connection:
        connection.exec_driver_sql(f"SET LOCAL ROLE {books.owner}")
        with pytest.raises(DBAPIError, match=r"refused|changes only by an entry"):
            connection.exec_driver_sql(statement)


@pytest.mark.usefixtures("history")
def test_all_those_attacks_changed_nothing(books) -> None:
    assert books.faults() == []


def test_a_temporary_table_does_not_shadow_the_ledger(books, history) -> None:
    with books.admin.begin() as connection:
        url = books.engine.url
        connection.exec_driver_sql(f"GRANT TEMP ON DATABASE {url.database} TO {url.username}")
    with books.engine.connect() as connection:
        connection.exec_driver_sql(
            "CREATE TEMP TABLE account AS SELECT id, book::text, kind::text, owner, currency::text,"
            " 1000000::bigint AS balance, floor, version, status::text, hot FROM ledger.account"
        )
        connection.exec_driver_sql("SET search_path = pg_temp, ledger, pg_catalog")
        rich = text("SELECT outcome FROM ledger.move(500000, :a, :idle, 'send', 'x')")

        assert (
            connection.scalar(rich, {"a": history["a"], "idle": history["idle"]}) == "insufficient"
        )


def test_nothing_in_the_ledger_is_anybodys(books) -> None:
    public = """
        SELECT p.proname FROM pg_proc p CROSS JOIN aclexplode(coalesce(proacl, acldefault('f', proowner))) g
        WHERE pronamespace = 'ledger'::regnamespace AND g.grantee = 0
        UNION ALL
        SELECT c.relname FROM pg_class c CROSS JOIN aclexplode(coalesce(relacl, acldefault('r', relowner))) g
        WHERE relnamespace = 'ledger'::regnamespace AND g.grantee = 0
        UNION ALL
        SELECT nspname FROM pg_namespace n CROSS JOIN aclexplode(coalesce(nspacl, acldefault('n', nspowner))) g
        WHERE nspname = 'ledger' AND g.grantee = 0
    """  # noqa: E501
    assert books.sql(public) == []


def test_every_function_that_runs_as_its_owner_pins_its_search_path(books) -> None:
    [(loose, pinned)] = books.sql("""
        SELECT count(*) FILTER (WHERE NOT 'search_path=ledger, pg_temp' = ANY (coalesce(proconfig, '{}'))),
               count(*)
        FROM pg_proc WHERE pronamespace = 'ledger'::regnamespace AND prosecdef
    """)  # noqa: E501
    assert (loose, pinned) == (0, 8)


@pytest.mark.parametrize(("statement", "fault", "place"), TAMPER)
def test_what_is_changed_by_hand_is_found_with_its_row(
    books, history, statement: str, fault: str, place: str
) -> None:
    with books.admin.connect() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        constraint = "ALTER TABLE ledger.account DROP CONSTRAINT ck_account_sound"
        connection.exec_driver_sql(constraint)
        assert connection.execute(text(fifth(statement)), history).rowcount
        rows = connection.execute(text("SELECT fault, place FROM ledger.audit()"))
        found = [tuple(row) for row in rows]
        connection.rollback()

    assert (fault, place.format(**history)) in found


def test_the_migration_says_which_role_is_missing(scratch: Scratch) -> None:
    from importlib import import_module

    needs_role = import_module("batua_db.migrations.versions.0001_ledger").NEEDS_ROLE
    engine = create_engine(sqlalchemy_url(inside(scratch.admin, "postgres")))
    with engine.connect() as connection, pytest.raises(DBAPIError, match="CREATE ROLE nobody_yet"):
        connection.exec_driver_sql(needs_role.replace("batua_app", "nobody_yet"))
    engine.dispose()
