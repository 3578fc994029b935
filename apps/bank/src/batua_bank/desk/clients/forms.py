"""The forms of the pages of platforms."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import request
from wtforms import BooleanField

from batua_bank.outbox import TYPES
from batua_db.models.clients import Endpoint
from batua_ui.fields import ChoiceField
from batua_ui.forms import Form, KeyField

from .fields import LinesField, MaybeField, MomentField, PickField, RawField, TitleField, WordField


class ClientForm(Form):
    """A new client."""

    client_id = WordField("Id", render_kw={"maxlength": 32, "autocapitalize": "none"})
    name = TitleField("Name")
    legal_name = TitleField("Name on paper")
    origins = LinesField("Return origins")


class OriginsForm(Form):
    """Where customers may come back to."""

    origins = LinesField("Return origins")


class NewKeyForm(Form):
    """How long the older keys stay good."""

    overlap = ChoiceField(
        "The keys you have now",
        [
            ("day", "Good for 24 hours more"),
            ("hour", "Good for an hour more"),
            ("none", "Over at once"),
        ],
        default="day",
    )
    key = KeyField()


class PressForm(Form):
    """A button."""


class EndpointForm(Form):
    """Where an endpoint is, and what it hears."""

    url = WordField("Address", render_kw={"inputmode": "url", "autocapitalize": "none"})
    key = KeyField()

    @property
    def boxes(self) -> Sequence[BooleanField]:
        """The ticks, one for each event."""
        return [field for field in self if isinstance(field, BooleanField)]

    @property
    def chosen(self) -> list[str]:
        """The events that are ticked."""
        return [kind for kind in TYPES if self[_box(kind)].data]

    def tick(self, events: Sequence[str]) -> None:
        """Tick these; none named is all."""
        for kind in TYPES:
            self[_box(kind)].data = not events or kind in events

    def validate(self, extra_validators: Any = None) -> bool:
        """An endpoint that hears nothing is none."""
        valid = super().validate(extra_validators)
        if not self.chosen:
            self.form_errors.append("Tick at least one event.")
        return valid and bool(self.chosen)


def _box(kind: str) -> str:
    return kind.replace(".", "_")


for _kind in TYPES:
    setattr(EndpointForm, _box(_kind), BooleanField(_kind))


EVERY_TYPE = ("", "All events"), *((kind, kind) for kind in TYPES)


class CallsForm(Form):
    """Which calls to show. It is in the address, so it needs no form token."""

    outcome = PickField(
        "Answered", [("", "Anything"), ("good", "2xx"), ("refused", "4xx"), ("failed", "5xx")]
    )
    path = MaybeField("Path holds")

    def __init__(self) -> None:
        super().__init__(formdata=request.args, meta={"csrf": False})
        self.validate()

    @property
    def asked(self) -> dict[str, Any]:
        """What is asked for; what can't be read is left out."""
        return {"outcome": self.outcome.known, "path": self.path.data or ""}


class EventsForm(Form):
    """Which events to show."""

    outcome = PickField(
        "Deliveries", [("", "Any"), ("failed", "Not delivered"), ("delivered", "Delivered")]
    )
    type = PickField("Event", EVERY_TYPE)

    def __init__(self) -> None:
        super().__init__(formdata=request.args, meta={"csrf": False})
        self.validate()

    @property
    def asked(self) -> dict[str, Any]:
        """What is asked for; what can't be read is left out."""
        return {"outcome": self.outcome.known, "type": self.type.known}


class ReplayForm(Form):
    """What to send again."""

    since = MomentField("From", default=lambda: datetime.now(UTC) - timedelta(days=1))
    until = MomentField("Until", default=lambda: datetime.now(UTC) + timedelta(minutes=1))
    endpoint = PickField("Endpoint")
    type = PickField("Event", EVERY_TYPE)
    only_failed = BooleanField("Only what was not delivered", default=True)

    def __init__(self, endpoints: Sequence[tuple[Endpoint, str]]) -> None:
        super().__init__()
        named = ((str(each.id), url) for each, url in endpoints if not each.disabled_at)
        self.endpoint.choices = [("", "All endpoints"), *named]


class WebhookForm(Form):
    """A webhook as it came."""

    message_id = WordField("webhook-id", render_kw={"maxlength": 128})
    timestamp = WordField("webhook-timestamp", render_kw={"inputmode": "numeric"})
    signature = WordField("webhook-signature")
    body = RawField("Body, as it came")


class CallForm(Form):
    """A call as it is meant to be sent."""

    token = WordField("Token, what follows Bearer", render_kw={"maxlength": 4000})
    method = PickField("Method", [("GET", "GET"), ("POST", "POST")])
    path = WordField("Path and query")
    key = MaybeField("Idempotency-Key")
    body = RawField("Body, as it is sent")
