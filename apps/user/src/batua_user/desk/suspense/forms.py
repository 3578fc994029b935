"""What may be done with money that waits."""

from batua_ui.forms import ChoiceField, Form
from batua_user.desk.forms import ReasonField


class ActForm(Form):
    """Credit it or send it back, and why."""

    act = ChoiceField("What to do", [("credit", "Credit it"), ("return", "Send it back")])
    reason = ReasonField("Reason")
