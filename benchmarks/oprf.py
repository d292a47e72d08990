"""Tokens of NHS numbers: the oblivious function beside HMAC, on the same distinct numbers in the same run.

In: how many numbers. Out: figures as a dict (numbers per second by road, ratios to HMAC, bytes on the wire). Made-up
numbers; the two parties of the protocol run in one process, so that no network is timed. Needs the extra `oprf`.

Run as `python -m benchmarks.oprf`: as a script its own name would hide the package.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence

import numpy as np
import polars as pl

from linkage.oprf import Evaluation
from linkage.oprf.keyring import NumberKeys
from linkage.tokens.keys import LinkageKey
from linkage.tokens.oblivious import DirectNumbers, ObliviousNumbers

NUMBERS = 20_000
SEED = 20261122
ROLE = "nhs_number"
# An element goes and comes as 64 hexadecimal digits, two quotation marks and a comma; one proof comes with each batch.
WIRE_BYTES = 67


def _numbers(count: int) -> list[str]:
    """Distinct numbers of ten digits; their check digits do not matter here."""
    drawn = np.random.default_rng(SEED).choice(9 * 10**8, size=count, replace=False)
    return [f"{4_000_000_000 + int(each)}" for each in drawn]


def _timed(work: Callable[[], pl.Series], count: int) -> tuple[pl.Series, float]:
    began = time.perf_counter()
    made = work()
    if made.n_unique() != count:
        raise RuntimeError("distinct numbers got equal tokens")
    return made, time.perf_counter() - began


class _Server:
    """Answers as the gateway does, and keeps the time that it takes."""

    def __init__(self, keys: NumberKeys) -> None:
        self._keys = keys
        self.seconds = 0.0

    def answer(self, number: str, elements: Sequence[bytes]) -> Evaluation:
        began = time.perf_counter()
        made = self._keys.answer(number, elements)
        self.seconds += time.perf_counter() - began
        return made


def measure(numbers: int = NUMBERS) -> dict[str, float]:
    """Tokenise distinct numbers by HMAC, by the function with the key at hand, and by both of its parties."""
    values = _numbers(numbers)
    keyed = LinkageKey(bytes(32)).pseudonymiser(ROLE, "exact")
    keys = NumberKeys.derive(bytes(32))
    server = _Server(keys)
    at_home = ObliviousNumbers(keys.public, server.answer)
    keyed.tokens(pl.Series(values[:100]))  # the first call of all loads what it needs
    _, hmac_s = _timed(lambda: keyed.tokens(pl.Series(values)), numbers)
    direct, direct_s = _timed(lambda: DirectNumbers(keys).tokens(ROLE, values), numbers)
    asked, both_s = _timed(lambda: at_home.tokens(ROLE, values), numbers)
    if not direct.equals(asked):
        raise RuntimeError("the two roads gave different tokens")
    agency_s = both_s - server.seconds
    return {
        "numbers": numbers,
        "seed": SEED,
        "hmac_per_second": numbers / hmac_s,
        "raw_extract_per_second": numbers / direct_s,
        "agency_per_second": numbers / agency_s,
        "gateway_per_second": numbers / server.seconds,
        "raw_extract_times_hmac": direct_s / hmac_s,
        "oblivious_times_hmac": both_s / hmac_s,
        "wire_bytes_per_number": 2 * WIRE_BYTES,
    }


def main() -> None:
    """Print the figures; --json for machines."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--numbers", type=int, default=NUMBERS)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    figures = measure(chosen.numbers)
    if chosen.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:28} {value:14,.1f}")


if __name__ == "__main__":
    main()
