"""Every call that a client proved to be its own is kept, once its answer has left."""

from time import perf_counter

from flask import Flask, Response, current_app, g, request

from .access import SIGNED
from .clients import calls, masking


def init_app(app: Flask) -> None:
    """Keep the calls of the API."""
    app.after_request(note)


def note(response: Response) -> Response:
    """Remember a call until its answer is sent, and write it then."""
    if request.blueprint == SIGNED and "client" in g:
        app, made = current_app._get_current_object(), _made(response)  # type: ignore[attr-defined]

        def keep() -> None:
            with app.app_context():
                calls.keep(made)

        response.call_on_close(keep)
    return response


def _made(response: Response) -> calls.Made:
    query = request.query_string.decode("utf-8", "replace").replace("\0", "\ufffd")
    return calls.Made(
        id=g.request_id,
        client_id=g.client,
        method=request.method,
        path=request.path + (f"?{query}" if query else ""),
        key=request.headers.get("Idempotency-Key", ""),
        sent=masking.body(request.get_data()),
        status=response.status_code,
        # A file is streamed: whoever asked for it has it, and nobody else needs it.
        answered="" if response.is_streamed else masking.body(response.get_data()),
        milliseconds=round((perf_counter() - g.started) * 1000),
    )
