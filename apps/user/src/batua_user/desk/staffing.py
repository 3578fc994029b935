"""Who works at the desk: hired and let go by whoever runs the system, not by the desk itself.

``python -m batua_user.desk.staffing hire kiran.desai operator "Kiran Desai"`` asks for a password.
"""

import sys
from typing import get_args

from batua_config.settings import load
from batua_db import staffing
from batua_db.models.desk import Role

from .tables import DESK


def main(arguments: list[str] | None = None) -> int:
    """Hire, or let go; answer 1 and say why where that can't be."""
    from batua_user import create_app

    parser, _ = staffing.parser("Batua's", get_args(Role))
    return staffing.run(DESK, lambda: create_app(load()), parser.parse_args(arguments))


if __name__ == "__main__":
    sys.exit(main())
