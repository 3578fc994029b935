"""What runs beside the pages: ``python -m batua_user.worker``."""

from batua_config import logs
from batua_config.settings import load
from batua_db import ledger, worker
from batua_db.worker import Task
from batua_user.bank.client import BankError
from batua_user.bank.service import refresh
from batua_user.billers import asking as bills
from batua_user.links import asking as links
from batua_user.payouts import asking as payouts
from batua_user.reconciliation.service import reconcile
from batua_user.settlement_files.service import import_files
from batua_user.settlements import nightly
from batua_user.topups.polling import poll

from . import create_app, seals
from .pruning import prune

log = logs.get(__name__)


def refresh_banks() -> int:
    """Take over the bank's list; while it does not answer, ours is good enough."""
    try:
        return refresh()
    except BankError as error:
        log.warning("no list of banks", reason=str(error))
        return 0


TASKS: dict[str, tuple[Task, float]] = {
    "banks": (refresh_banks, 60),
    "poll": (poll, 1),
    "bills": (bills.poll, 1),
    "links": (links.poll, 1),
    "payouts": (payouts.poll, 1),
    "settlements": (nightly.settle, 60),
    "fold": (ledger.fold, 2),
    "reconcile": (reconcile, 5),
    "settlement_files": (import_files, 60),
    "seal": (seals.seal, 5),
    "witness": (seals.exchange, 10),
    "prune": (prune, 3600),
}


def main() -> None:
    """Work until told to stop."""
    logs.configure(load())
    worker.run(create_app(), TASKS)


if __name__ == "__main__":
    main()
