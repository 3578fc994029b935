"""``python -m batua_dev.bench [paths|history|cache]``."""

import sys

from . import cache, history, paths

BENCHES = {"paths": paths.main, "history": history.main, "cache": cache.main}


def main() -> None:
    """Run one; the main paths, unless another is named."""
    named = len(sys.argv) > 1 and sys.argv[1] in BENCHES
    name = sys.argv.pop(1) if named else "paths"
    sys.argv[0] = f"just bench {name}"
    BENCHES[name]()


if __name__ == "__main__":
    main()
