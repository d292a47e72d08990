"""Whether a linkage run opens a vintage, or the one in force stays. In: the vintage in force and the day. Out: yes or no.

A refresh of the linked data is a differencing query: what changed between two vintages is what changed in the families.
So questions see one state of the data for a calendar quarter, from the first release on. Nobody can shorten that.
"""

from __future__ import annotations

from datetime import date, datetime

from gateway.access import Access
from gateway.pipeline.wiring import Wiring
from gateway.store.vintages import Vintage


def opens(access: Access, wiring: Wiring, in_force: Vintage | None) -> bool:
    """Whether a run that ends now freezes a vintage, which is then the one in force.

    Yes where there is none, where nothing was released from the one in force (nobody has seen it, so it is replaced
    freely), and in a later calendar quarter than that in which it was frozen.
    """
    if in_force is None or not wiring.store.vintages.is_released(access, in_force.id):
        return True
    return quarter_of(wiring.clock()) > quarter_of(in_force.frozen_at)


def quarter_of(instant: date | datetime) -> int:
    """4 x calendar year + 0 to 3, as the tables number their quarters."""
    return 4 * instant.year + (instant.month - 1) // 3


def next_opening(in_force: Vintage) -> date:
    """The first day on which a run opens the vintage after a released one."""
    year, quarter = divmod(quarter_of(in_force.frozen_at) + 1, 4)
    return date(year, 3 * quarter + 1, 1)
