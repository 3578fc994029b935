"""What may be looked for in a statement."""

from batua_ui.searching import KindField, SearchForm

from .lines import GROUPS
from .queries import Wanted


class StatementForm(SearchForm):
    """Words, a kind, days. What can't be read is left out of what is looked for."""

    kind = KindField(GROUPS)

    @property
    def wanted(self) -> Wanted:
        """What is looked for."""
        return Wanted(**self.looked_for)
