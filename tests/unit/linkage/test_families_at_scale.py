"""Many records that share an address, or a postcode and a surname, cost bounded memory and join nobody."""

import subprocess
import sys
from datetime import date, timedelta

import polars as pl
import pytest

from linkage.families import RULES, FamilyRule, group_families, memberships
from linkage.tokens import LinkageKey, tokenise

PERSONS = 6000
# Pair by pair, 6,000 persons at one address would be 18 million pairs and well over a gigabyte.
MOST_MB = 500
SHARED = {
    "postcode and surname": {},
    "one address": {"address": lambda n: "12 High Street"},
    "hostels": {"address": lambda n: f"{n // 45} High Street"},
}


def records(shared):
    made = {
        "row": pl.Series(range(PERSONS), dtype=pl.UInt32),
        "seen_on": [date(2023, 1, 1) + timedelta(days=n * 7919 % 1000) for n in range(PERSONS)],
        "surname": ["Smith"] * PERSONS,
        "postcode": ["LE13 0AB"] * PERSONS,
    }
    made |= {role: [value(n) for n in range(PERSONS)] for role, value in SHARED[shared].items()}
    tokens = tokenise(pl.DataFrame(made), LinkageKey(b"\x0e" * 32), namespace="housing")
    tokens = tokens.with_columns(record=pl.col("row").cast(pl.String))
    return tokens.drop("row"), tokens.select("record", cluster="row")


def peak_mb():
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured(shared):
    """Print the families of each rule, and the growth of memory, of a process of its own."""
    tokens, persons = records(shared)
    before = peak_mb()
    for name in RULES:
        rule = FamilyRule(name=name)
        whole = group_families(tokens, persons, rule)["family"].n_unique()
        daily = memberships(tokens, persons.rename({"cluster": "person"}), rule)
        print(whole, daily["person"].n_unique())
    print(peak_mb() - before)


@pytest.mark.parametrize("shared", SHARED)
def test_what_thousands_share_makes_no_family_and_costs_little(shared):
    done = subprocess.run(
        [sys.executable, __file__, shared], capture_output=True, text=True, check=True, timeout=300
    )
    *found, grown = done.stdout.split("\n")[:-1]
    assert found == [f"{PERSONS} {PERSONS}"] * len(RULES)
    assert float(grown) < MOST_MB


if __name__ == "__main__":
    measured(sys.argv[1])
