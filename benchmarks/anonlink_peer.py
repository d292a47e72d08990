"""FEBRL4 linked by clkhash and anonlink: Bloom filters (CLK), Dice similarity, greedy one-to-one.

In: two FEBRL4 files on the command line. Out: JSON on standard output. Runs in an environment of its own (`make bench-linkage`
makes it), since it pins other libraries than ours; imports nothing of this project. Schema after clkhash's own FEBRL example.
"""

import csv
import io
import json
import sys
import time
from bisect import bisect_right

SECRET = "any secret will do for a measurement"
FIELDS = (
    # name, n-gram, how many bits a token sets
    ("given_name", 2, 30),
    ("surname", 2, 30),
    ("street_number", 1, 15),
    ("address_1", 2, 15),
    ("address_2", 2, 10),
    ("suburb", 2, 15),
    ("postcode", 1, 20),
    ("date_of_birth", 1, 30),
)
LOWEST = 0.7


def main() -> None:
    """Print F1 at the best threshold, and what it took."""
    import anonlink
    from clkhash.clk import generate_clk_from_csv

    began = time.perf_counter()
    files = [_selected(path) for path in sys.argv[1:3]]
    filters = [
        generate_clk_from_csv(io.StringIO(text), SECRET, _schema(), progress_bar=False)
        for text, _ in files
    ]
    candidates = anonlink.candidate_generation.find_candidate_pairs(
        filters, anonlink.similarities.dice_coefficient, LOWEST
    )
    scores, _, rows = candidates
    truth = [[person for person in persons] for _, persons in files]
    real = len(set(truth[0]) & set(truth[1]))
    best = max(
        (_f1(anonlink, candidates, truth, real, threshold), threshold)
        for threshold in [LOWEST + step / 100 for step in range(25)]
    )
    seconds = time.perf_counter() - began
    print(
        json.dumps(
            {"f1_best": best[0], "threshold": best[1], "seconds": seconds, "pairs": len(rows[0])}
        )
    )


def _f1(anonlink, candidates, truth, real, threshold):  # type: ignore[no-untyped-def]
    scores, datasets, rows = candidates
    # Candidates come best first.
    kept = bisect_right(scores, -threshold, key=lambda score: -score)
    top = (
        scores[:kept],
        tuple(each[:kept] for each in datasets),
        tuple(each[:kept] for each in rows),
    )
    groups = anonlink.solving.greedy_solve(top)
    pairs = [dict(group) for group in groups if len(group) == 2]
    hits = sum(truth[0][pair[0]] == truth[1][pair[1]] for pair in pairs)
    return 2 * hits / (len(pairs) + real)


def _selected(path: str) -> tuple[str, list[str]]:
    """The compared columns as CSV, and who each row is."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = [
            {key.strip(): value.strip() for key, value in row.items()}
            for row in csv.DictReader(file)
        ]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([name for name, _, _ in FIELDS])
    writer.writerows([row[name] for name, _, _ in FIELDS] for row in rows)
    return out.getvalue(), [row["rec_id"].split("-")[1] for row in rows]


def _schema():  # type: ignore[no-untyped-def]
    from clkhash.comparators import NgramComparison
    from clkhash.field_formats import FieldHashingProperties, StringSpec
    from clkhash.schema import Schema

    fields = [
        StringSpec(
            name,
            FieldHashingProperties(comparator=NgramComparison(n), strategy=_bits(bits)),
            case="mixed",
            min_length=0,
        )
        for name, n, bits in FIELDS
    ]
    return Schema(fields, 1024)


def _bits(count):  # type: ignore[no-untyped-def]
    from clkhash.field_formats import BitsPerTokenStrategy

    return BitsPerTokenStrategy(count)


if __name__ == "__main__":
    main()
