"""``python -m batua_dev <command>``."""

import sys

from .cli import main

sys.exit(main())
