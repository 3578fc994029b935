"""Pages that tolerate lag: lists, searches, reports and exports of what is long there.

Never a page that shows what a person has now, or one thing that may be new: those must not
be wrong, or missing, because a replica is behind. Each app has its list, and this is what
is done with it; ``batua_db.replica`` has the rule.
"""

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

from flask import Flask, Response, current_app, request
from prometheus_client import Counter
from sqlalchemy.exc import NoResultFound
from werkzeug import exceptions

from batua_config import logs
from batua_db import errors
from batua_db.database import db, reading
from batua_db.replica import AFTER_AN_ACT, FAILURES, REPLICA

from . import beside
from .guards import SAFE

log = logs.get(__name__)

ACTED = "acted"  # the cookie that says it
# It may be there by now.
MISSING = (NoResultFound, errors.NotFound, exceptions.NotFound)
READS = Counter("batua_lagging_reads", "Pages that tolerate lag", ["app", "server"])


def init_app(app: Flask, endpoints: Collection[str]) -> None:
    """Let these pages of ``app`` read a replica. A ``KeyError`` names one that is not there."""
    for endpoint in endpoints:
        app.view_functions[endpoint] = tolerant(app.view_functions[endpoint])
    app.after_request(remember_act)


def tolerant(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let ``view`` read a replica, and the primary if that fails: it writes nothing."""

    @wraps(view)
    def answered(*args: Any, **kwargs: Any) -> Any:
        if request.method not in SAFE or beside.name(ACTED) in request.cookies:
            return view(*args, **kwargs)
        session = reading()
        session.tolerate_lag()
        READS.labels(current_app.name, "replica" if session.at_replica else "primary").inc()
        try:
            return view(*args, **kwargs)
        except (*FAILURES, *MISSING) as error:
            if not session.at_replica:
                raise
            if failed := isinstance(error, FAILURES):
                log.warning("the replica failed", error=type(error).__name__)
            session.leave_replica(failed=failed)
            return view(*args, **kwargs)

    return answered


def remember_act(response: Response) -> Response:
    """Where there is a replica, let the browser say for a while that somebody acted in it."""
    acted = request.method not in SAFE and REPLICA in db.engines
    if acted and current_app.config["SESSION_COOKIE_NAME"] in request.cookies:
        beside.keep(response, ACTED, "1", max_age=AFTER_AN_ACT)
    return response
