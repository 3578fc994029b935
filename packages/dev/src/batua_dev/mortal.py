"""Parts of the bank that each kill themselves at a step: what ``kill -9`` leaves is shown so.

``python -m batua_dev.mortal 4001 batua_bank.pay.service:_record worker batua_bank…:_pay``
serves on a port, or works, each in a process of its own, until it is gone just after the
function that is named. Answers 0 once all have died of that.
"""

import os
import signal
import sys
from importlib import import_module
from typing import Any

from werkzeug.serving import make_server

from batua_bank import create_app, worker


def die_after(where: str) -> None:
    """Let this process be gone as soon as the function ``module:name`` has run."""
    module, _, name = where.partition(":")
    owner = import_module(module)
    step = getattr(owner, name)

    def last(*arguments: Any, **named: Any) -> None:
        step(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, last)


def live(part: str) -> None:
    """Serve on a port, or work."""
    if part == "worker":
        worker.main()
    else:
        make_server("127.0.0.1", int(part), create_app(), threaded=True).serve_forever()


def main() -> int:
    """Let each live and die; everything is imported once for all of them."""
    parts = list(zip(sys.argv[1::2], sys.argv[2::2], strict=True))
    for part, where in parts:
        if os.fork() == 0:
            die_after(where)
            live(part)
            os._exit(1)
    deaths = [os.waitstatus_to_exitcode(os.wait()[1]) for _ in parts]
    return 0 if set(deaths) == {-signal.SIGKILL} else 1


if __name__ == "__main__":
    sys.exit(main())
