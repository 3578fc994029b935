"""The development mailbox: what would have gone out by SMS. Never registered in production."""

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from . import queries

bp = Blueprint("messages", __name__)


@bp.get("/dev/messages")
def mailbox() -> ResponseReturnValue:
    """Show messages, newest first, as a page or as JSON."""
    # An unescaped + in a query means a space.
    to = request.args.get("to", "").strip()
    if to and not to.startswith("+"):
        to = f"+{to}"
    messages = queries.sent(to or None)
    if request.args.get("format") != "json":
        return render_template("messages/mailbox.html", messages=messages, to=to)
    return jsonify(
        [
            {"to": m.to, "text": m.text, "code": m.code, "at": m.created_at.isoformat()}
            for m in messages
        ]
    )
