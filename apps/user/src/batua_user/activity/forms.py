"""What may be looked for in a history."""

from batua_ui.searching import KindField, SearchForm

from .kinds import GROUPS
from .wanted import Wanted


class WantedForm(SearchForm):
    """Words, a kind, days. What can't be read is left out of what is looked for."""

    kind = KindField(GROUPS)

    @property
    def wanted(self) -> Wanted:
        """What is looked for."""
        return Wanted(**self.looked_for)
