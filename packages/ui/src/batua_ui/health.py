"""Whether the process serves, whether it is ready to, and how it fares."""

from functools import cache
from ipaddress import ip_address
from time import perf_counter

import redis.exceptions
import sqlalchemy.exc
from flask import Blueprint, Response, abort, current_app, g, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from batua_db import migrations
from batua_db.database import db

from . import draining

REQUESTS = Counter("batua_requests", "Requests answered", ["app", "endpoint", "method", "status"])
SECONDS = Histogram("batua_request_seconds", "Time to the answer", ["app", "endpoint", "method"])
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
MEASURES = "ui_measures"  # in `app.extensions`: functions that set what is measured when asked
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")


def add_to(bp: Blueprint) -> None:
    """Put the health checks on ``bp``, and count the requests of its app."""
    bp.add_url_rule("/healthz", view_func=healthz)
    bp.add_url_rule("/readyz", view_func=readyz)
    bp.add_url_rule("/metrics", view_func=metrics)
    bp.after_app_request(count)


def healthz() -> ResponseReturnValue:
    """Serving; or about to end, and to be sent nothing new."""
    if draining.begun():
        return jsonify(status="draining"), 503
    return jsonify(status="ok")


def readyz() -> ResponseReturnValue:
    """Ready, or what is missing."""
    missing = _missing_from_database()
    if not _redis_answers():
        missing.append("redis")
    if missing:
        return jsonify(status="unavailable", missing=missing), 503, {"Retry-After": "2"}
    return jsonify(status="ok")


def metrics() -> ResponseReturnValue:
    """The figures, for a collector on this machine; to anyone else, nothing is here."""
    if not _is_local():
        abort(404)
    for measure in current_app.extensions.get(MEASURES, ()):
        measure()
    return Response(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST)


def count(response: Response) -> Response:
    """Count an answer under its endpoint, never its path: that has no end of values."""
    endpoint = request.endpoint or "none"
    method = request.method if request.method in METHODS else "other"
    REQUESTS.labels(current_app.name, endpoint, method, response.status_code).inc()
    if started := g.get("started"):
        SECONDS.labels(current_app.name, endpoint, method).observe(perf_counter() - started)
    return response


@cache
def _head() -> str:
    return migrations.head()


def _missing_from_database() -> list[str]:
    try:
        return [] if migrations.current() == _head() else ["migrations"]
    except sqlalchemy.exc.ProgrammingError:
        return ["migrations"]
    except sqlalchemy.exc.SQLAlchemyError:
        return ["database"]
    finally:
        db.session.rollback()


def _redis_answers() -> bool:
    try:
        return bool(current_app.extensions["redis"].ping())
    except redis.exceptions.RedisError:
        return False


def _is_local() -> bool:
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _registry() -> CollectorRegistry:
    """This process's figures, or those of all workers where PROMETHEUS_MULTIPROC_DIR is set."""
    together = CollectorRegistry()
    try:
        MultiProcessCollector(together)
    except ValueError:
        return REGISTRY
    return together
