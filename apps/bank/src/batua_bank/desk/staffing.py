"""Who works at the desk: hired and let go by whoever runs the system, not by the desk itself.

``python -m batua_bank.desk.staffing hire kiran.desai operator "Kiran Desai"`` asks for a password;
a developer is hired with ``--client`` and the client's id.
"""

import sys
from typing import get_args

from batua_config.settings import load
from batua_db import staffing
from batua_db.models.bank_desk import Role

from .tables import DESK


def main(arguments: list[str] | None = None) -> int:
    """Hire, or let go; answer 1 and say why where that can't be."""
    from batua_bank import create_app

    parser, hiring = staffing.parser("the bank's", get_args(Role))
    hiring.add_argument("--client", dest="client_id", help="whose developer they are")
    wanted = parser.parse_args(arguments)
    if wanted.what == "hire" and (wanted.role == "developer") != bool(wanted.client_id):
        parser.error("a developer has a --client, and nobody else has")
    return staffing.run(DESK, lambda: create_app(load()), wanted)


if __name__ == "__main__":
    sys.exit(main())
