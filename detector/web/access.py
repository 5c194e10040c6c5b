"""Who may open a page: see `accounts.decorators`."""

from accounts.decorators import PersonRequest as PersonRequest
from accounts.decorators import person_required as person_required
