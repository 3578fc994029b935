"""What may be done with money that waits."""

from batua_ui.desk.forms import ReasonField
from batua_ui.forms import ChoiceField, Form


class ActForm(Form):
    """Credit it or send it back, and why."""

    act = ChoiceField("What to do", [("credit", "Credit it"), ("return", "Send it back")])
    reason = ReasonField("Reason")
