"""The pages of platforms: for the bank's staff, and for whoever develops one."""

from . import endpoints as endpoints  # these add their pages to the same blueprint
from . import keys as keys
from . import tester as tester
from . import traffic as traffic
from .views import bp

__all__ = ["bp"]
