"""The attack on everything that left of the vintage in force. In: an Access to attack, a seed. Out: shares told, line by line.

Every release is counted again and written down as an attacker would; small groups are drawn and attacked with all of it. Never a
figure, never who is in a group. It follows the releases and not the ledger of this process, and holds up no question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from audit.detail import band
from gateway.access import Access
from gateway.disclosure import ProtectedTable, Unprotectable
from gateway.disclosure.attack import Effort, Finding, Notebook, attack
from gateway.pipeline.counted import Counted
from gateway.pipeline.ledgers import asked_in
from gateway.pipeline.wiring import Progress, Wiring
from gateway.store.releases import Release

SCHEMA: Final = "ledger-attack/1"
# Share of the progress at which every release is written down.
WRITTEN: Final = 0.5
LEDGERED: Final = "keyed_noise"


class ReleaseNotCounted(Exception):
    """A release of the vintage cannot be counted again, so that nobody can say what it tells."""

    def __init__(self, number: int) -> None:
        super().__init__(f"release {number} cannot be counted again")


def attack_ledger(
    access: Access, wiring: Wiring, progress: Progress, *, seed: int, effort: Effort
) -> dict[str, Any]:
    """The findings as a document of a form that is kept stable. Raises NotFound (nothing linked yet), ReleaseNotCounted."""
    vintage = wiring.store.vintages.latest(access).id
    access.note("vintage", vintage)
    access.note("seed", seed)
    left = wiring.store.releases.since(access, vintage, 0)
    # What other methods release is answered once, by itself, and no ledger holds it.
    ours = [each for each in left if each.table["rules"].get("method", LEDGERED) == LEDGERED]
    notebook = _written(access, wiring, vintage, ours, progress)
    found = attack(
        notebook, seed, effort, lambda step, share: progress(step, WRITTEN + share * (1 - WRITTEN))
    )
    holds = not any(each.passed for each in found)
    access.note("questions", band(len(ours)))
    access.note("findings", band(sum(each.passed for each in found)))
    access.note("state", "holds" if holds else "limit-passed")
    return {
        "schema": SCHEMA,
        "vintage": vintage,
        "releases": len(ours),
        "by_other_methods": len(left) - len(ours),
        "seed": seed,
        "groups": effort.sample,
        "holds": holds,
        "lines": [_line(each) for each in found],
    }


def _written(
    access: Access, wiring: Wiring, vintage: str, releases: Sequence[Release], progress: Progress
) -> Notebook:
    notebook, exact = Notebook(), Counted(access, wiring)
    for at, release in enumerate(releases):
        progress("counting releases again", WRITTEN * at / len(releases))
        try:
            table = exact(vintage, asked_in(release, wiring.catalogue))
            notebook.write(release.number, table, ProtectedTable.from_dict(release.table))
        except Unprotectable:
            raise ReleaseNotCounted(release.number) from None
    return notebook


def _line(found: Finding) -> Mapping[str, Any]:
    return {**asdict(found), "releases": list(found.releases)}
