"""Where billers are reached: in development, a stand-in for each of them."""

from batua_config.current import settings

from .catalogue import LISTINGS
from .standin import StandIn
from .values import Biller, BillerSilent


def reach(code: str) -> Biller:
    """The biller ``code``.

    Raises ``BillerSilent`` in production, where no network of billers is built in yet: a
    stand-in must never confirm a payment of real money.
    """
    if settings.production:
        raise BillerSilent("no network of billers is set up")
    return StandIn(LISTINGS[code])
