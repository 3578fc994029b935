"""What runs beside the requests: ``python -m batua_bank.worker``. Any number may run."""

from batua_config import logs
from batua_config.settings import load
from batua_db import ledger, worker

from . import create_app
from .events.service import place
from .pay.lifecycle import expire_due
from .payouts.service import carry_out
from .pruning import prune
from .settlement.service import close_days
from .webhooks.service import deliver_due

# Each with the seconds between two runs.
TASKS: dict[str, tuple[worker.Task, float]] = {
    "deliver": (deliver_due, 0.3),
    "expire": (expire_due, 1),
    "payouts": (carry_out, 0.5),
    "events": (place, 1),
    "fold": (ledger.fold, 1),
    "close_days": (close_days, 30),
    "seal": (lambda: len(ledger.seal("bank")), 2),
    "prune": (prune, 3600),
}


def main() -> None:
    """Run until told to stop."""
    logs.configure(load())
    worker.run(create_app(), TASKS)


if __name__ == "__main__":
    main()
