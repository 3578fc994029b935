"""What a customer chooses when they begin."""

from batua_ui.forms import Form, PasswordField, PinField


class BeginForm(Form):
    """A password and an MPIN of their own, each typed twice."""

    password = PasswordField("New password", new=True)
    password_again = PasswordField("The same again", render_kw={"autocomplete": "new-password"})
    mpin = PinField("New 6-digit MPIN", render_kw={"autocomplete": "new-password"})
    mpin_again = PinField("The same again", render_kw={"autocomplete": "new-password"})

    def validate(self, extra_validators: object = None) -> bool:
        """Both times the same."""
        valid = super().validate(extra_validators)
        for first, again in (
            (self.password, self.password_again),
            (self.mpin, self.mpin_again),
        ):
            if not first.errors and not again.errors and first.data != again.data:
                again.errors = [*again.errors, "This is not what you typed above."]
                valid = False
        return valid
