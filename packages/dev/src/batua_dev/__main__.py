"""``python -m batua_dev <command>``."""

import sys
from pathlib import Path

if sys.dont_write_bytecode:
    # Compiling everything anew takes seconds. Who asked for no __pycache__ beside the
    # sources gets none: what was compiled is kept in the virtual environment.
    sys.dont_write_bytecode = False
    sys.pycache_prefix = sys.pycache_prefix or str(Path(sys.prefix) / "pycache")

from .cli import main

sys.exit(main())
