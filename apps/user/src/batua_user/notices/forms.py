"""What may be chosen about notices."""

from datetime import datetime
from typing import cast

from wtforms import BooleanField, HiddenField

from batua_db.models.people import NoticeKind
from batua_ui.forms import Form


class ReadForm(Form):
    """Which notice is opened, or until when all were read."""

    notice = HiddenField()
    until = HiddenField()

    @property
    def seen_until(self) -> datetime | None:
        """When the list was shown, as it says itself; nothing if that is no time."""
        try:
            at = datetime.fromisoformat(self.until.data or "")
        except ValueError:
            return None
        return at if at.tzinfo else None


class SettingsForm(Form):
    """A tick for each kind that can be switched off."""

    money_in = BooleanField("Someone sends me money")
    money_out = BooleanField("Money leaves my wallet")
    topup = BooleanField("Money I add from a bank")
    payout = BooleanField("Money I withdraw to a bank")
    merchant = BooleanField("My business is paid")

    @property
    def wanted(self) -> set[NoticeKind]:
        """The kinds that are ticked."""
        return {cast("NoticeKind", name) for name, on in self.values.items() if on}
