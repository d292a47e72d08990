"""A gateway of its own for a benchmark: fresh home, fresh keys, the shipped protocol; gone when the block ends.

In: nothing. Out: the wired parts, and the actors that the protocol lets in. Its log and its store are real files.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.bootstrap import make_home, open_gateway
from gateway.config import Settings
from gateway.pipeline.wiring import Wiring
from policies import Actor

TRAINED = {"five_safes": 0, "isp_briefing": 0}
OFFICER = Actor(id="bench-officer", role="data_officer", agency="dwp")
LINKER = Actor(id="bench-linker", role="linkage_officer", agency="council")
EVALUATOR = Actor(id="bench-evaluator", role="evaluator", agency="council", training=TRAINED)


@contextmanager
def fresh_gateway() -> Iterator[Wiring]:
    """Wiring of a gateway in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder) / "home")
        make_home(settings, None)
        gateway = open_gateway(settings)
        try:
            yield gateway.wiring
        finally:
            gateway.close()
