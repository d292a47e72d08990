"""The attack on a whole ledger. In: a wish to attack. Out: a job with shares told, a line for each kind of group.

For information governance officers, to be run every night. Every attack is an access of `attack_ledger` and stands in the log.
"""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query

from gateway.api.context import Caller, Wired
from gateway.disclosure.attack import Effort
from gateway.pipeline.ledger_attack import attack_ledger

router = APIRouter(tags=["releases"])
MOST_GROUPS = 2_000
SEEDS = 1_000_000


@router.post("/v1/ledger/attacks", status_code=202)
def start_attack(
    gateway: Wired,
    caller: Caller,
    groups: Annotated[int, Query(ge=1, le=MOST_GROUPS)] = Effort.sample,
    seed: Annotated[int | None, Query(ge=0, lt=SEEDS)] = None,
) -> dict[str, str]:
    """Attack all that left of the vintage in force; `groups` of each kind are drawn, by chance unless a `seed` is given."""
    with ExitStack() as door:
        asked = gateway.wiring.operation(caller, "attack_ledger")
        access = door.enter_context(gateway.door.open(asked))
        chosen = secrets.randbelow(SEEDS) if seed is None else seed
        effort = Effort(sample=groups)
        work = partial(attack_ledger, access, gateway.wiring, seed=chosen, effort=effort)
        return {"job": gateway.jobs.start("attack", caller, work, door.pop_all())}
