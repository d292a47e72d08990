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
    """Whether a run that ends now freezes a vintage, which is then the one in force."""
    if in_force is None:
        return True
    is_released = wiring.store.vintages.is_released(access, in_force.id)
    return is_due(in_force.frozen_at, wiring.clock(), is_released=is_released)


def is_due(frozen_at: datetime, now: datetime, *, is_released: bool) -> bool:
    """Whether another vintage may follow one that was frozen then.

    Nobody has seen a vintage of which nothing was released, so it is replaced freely; after a release, in a later quarter only.
    """
    return not is_released or quarter_of(now) > quarter_of(frozen_at)


def quarter_of(instant: datetime) -> int:
    """4 x calendar year + 0 to 3 (UTC), as the tables number their quarters."""
    return 4 * instant.year + (instant.month - 1) // 3


def next_opening(frozen_at: datetime) -> date:
    """The first day on which a run opens the vintage after one that was released."""
    year, quarter = divmod(quarter_of(frozen_at) + 1, 4)
    return date(year, 3 * quarter + 1, 1)
