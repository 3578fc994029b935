"""What the record's page tells of acts."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Text, cast, select

from batua_db.database import db
from batua_db.models.bank import Bank, Customer
from batua_db.models.bank_desk import Act
from batua_db.models.clients import Client

TITLES = {
    "look": "Looked",
    "open_customer": "Took a customer in",
    "open_account": "Opened an account",
    "reset_sign_in": "Gave a new password",
    "cash_in": "Took cash",
    "cash_out": "Paid cash out",
    "freeze": "Froze an account",
    "unfreeze": "Opened an account again",
    "close": "Closed an account",
    "propose_reversal": "Proposed a reversal",
    "make_reversal": "Made a reversal",
    "refuse_reversal": "Refused a reversal",
    "open_bank": "Opened a bank",
    "fault_on": "Switched a fault on",
    "fault_off": "Ended a fault",
    "faults_off": "Ended all faults",
}


def names(acts: Sequence[Act]) -> Mapping[str, str]:
    """What the customers, the banks and the clients are called that were acted on."""
    subjects = {act.subject for act in acts if act.subject}
    number = cast(Customer.id, Text)
    customers = select(number.label("id"), Customer.name).where(number.in_(subjects))
    banks = select(Bank.code, Bank.name).where(Bank.code.in_(subjects))
    clients = select(Client.id, Client.name).where(Client.id.in_(subjects))
    rows = db.session.execute(customers.union_all(banks, clients))
    return {row.id: row.name for row in rows}
