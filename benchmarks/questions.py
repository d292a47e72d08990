"""How long a question takes: the protected cost table by district, quarter and agency over a million linked events.

Peer: DuckDB's own group-by sum of the same events in the clear, unprotected. Both from Arrow tables in memory, run by turns.
Usage: python -m benchmarks.questions [--json] [--events N] [--families N]
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Mapping

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa

from gateway.disclosure import Rules, draw_multipliers, draw_set_keys, perturb, protect_table
from gateway.evaluation import exact_table, quarter_numbers
from gateway.questions import Question, shipped_catalogue

KEY = b"a key for benchmarks and tests .."
FIRST_DAY, DAYS = np.datetime64("2024-04-01"), 730
SHARES = (0.145, 0.255, 0.13, 0.16, 0.08, 0.14, 0.09)
PLAIN = """select district, date_trunc('quarter', "on") as quarter, agency, sum(cost_pence)
           from events join families using (family) group by all"""
PREPARED = """select district, quarter, agency, sum(cost_pence)
              from events join families using (family) group by all"""


def build_vintage(families: int, events: int, seed: int = 0) -> dict[str, pa.Table]:
    """A synthetic vintage with perturbed costs; a family is known to some agencies and has its events there."""
    rng = np.random.default_rng(seed)
    catalogue = shipped_catalogue()
    agencies = np.array(catalogue.categories("agency", "agency"))
    districts = [d for d in catalogue.categories("district", "district") if d != "unknown"]
    ids = np.sort(rng.permutation(families * 10)[:families]).astype(np.int64)
    size = rng.integers(1, 6, families)
    owner = np.repeat(np.arange(families), size)
    knows = rng.random((len(owner), len(agencies))) < rng.uniform(0.05, 0.45, len(agencies))
    knows[~knows.any(axis=1), 0] = True
    who = np.sort(rng.integers(0, len(owner), events))
    nth = (rng.random(events) * knows.sum(axis=1)[who]).astype(np.int64)
    agency = (knows[who].cumsum(axis=1) <= nth[:, None]).sum(axis=1)
    issue_count = rng.poisson(3.0, families).clip(0, 25)
    known = ["+".join(agencies[row]) for row in knows]
    lo, hi = draw_set_keys(ids.tolist(), KEY, counted="families")
    person_lo, person_hi = draw_set_keys(range(len(owner)), KEY, counted="people")
    listed = pl.DataFrame(
        {
            "family": ids,
            "district": rng.choice(districts, families, p=SHARES),
            "issue_count": issue_count.astype(np.int32),
            "people": size.astype(np.int32),
            "children": (size - 1).astype(np.int32),
            "key_lo": lo,
            "key_hi": hi,
        }
    )
    people = pl.DataFrame(
        {
            "person": np.arange(len(owner), dtype=np.int64),
            "family": ids[owner],
            "known_to": known,
            "key_lo": person_lo,
            "key_hi": person_hi,
        }
    )
    known_to = people.group_by("family").agg(
        pl.col("known_to").str.split("+").explode().unique().sort().str.join("+")
    )
    contacts = pl.DataFrame(
        {
            "family": ids[owner[who]],
            "person": who,
            "agency": agencies[agency],
            "on": FIRST_DAY + rng.integers(0, DAYS, events),
            "cost_pence": rng.lognormal(9, 1.2, events).astype(np.int64),
        }
    )
    bands = listed.with_columns(issue_band=pl.col("issue_count") // 3)
    contacts = perturb(contacts, draw_multipliers(bands, agencies.tolist(), KEY))
    seen = np.repeat(np.arange(families), issue_count)
    observed = pl.DataFrame(
        {
            "family": ids[seen],
            "issue": rng.choice(catalogue.issues, len(seen)),
            "on": FIRST_DAY + rng.integers(0, DAYS, len(seen)),
        }
    )
    tables = {
        "families": _arrow(listed.join(known_to, on="family", maintain_order="left")),
        "people": _arrow(people),
        "events": _arrow(contacts),
        "issues": _arrow(observed),
    }
    for name in ("events", "issues"):
        numbers = quarter_numbers(tables[name]["on"])
        tables[name] = tables[name].append_column("quarter", numbers)
    return tables


def cost_question(*measures: str) -> Question:
    """Costs by district, quarter and agency over two years."""
    return Question.from_mapping(
        {
            "purpose": "sf-evaluation",
            "cohort": "all-families",
            "unit": "family",
            "measures": list(measures),
            "by": {"district": "district", "agency": "agency"},
            "period": {"from": "2024-04", "to": "2026-03", "step": "quarter"},
        }
    )


def measure(families: int = 40_000, events: int = 1_000_000, rounds: int = 9) -> dict[str, float]:
    """Median seconds of each, warm and by turns, and the ratios to the peer."""
    vintage = build_vintage(families, events)
    clear = duckdb.connect(config={"threads": 2})
    _register(clear, vintage)

    def fresh() -> None:
        connection = duckdb.connect(config={"threads": 2})
        _register(connection, vintage)
        connection.sql(PLAIN).to_arrow_table()
        connection.close()

    def ask(question: Question) -> Callable[[], object]:
        return lambda: protect_table(exact_table(vintage, question), Rules(), KEY)

    runs: dict[str, Callable[[], object]] = {
        "peer_s": lambda: clear.sql(PLAIN).to_arrow_table(),
        "peer_fresh_connection_s": fresh,
        "peer_prepared_columns_s": lambda: clear.sql(PREPARED).to_arrow_table(),
        "cost_s": ask(cost_question("cost")),
        "cost_families_mean_s": ask(cost_question("families", "cost", "cost_per_family")),
    }
    times: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(rounds + 1):
        for name, run in runs.items():
            began = time.perf_counter()
            run()
            # The first turn warms up and is not counted.
            times[name] += [time.perf_counter() - began] if turn else []
    clear.close()
    result = {name: statistics.median(seconds) for name, seconds in times.items()}
    result["ratio"] = result["cost_s"] / result["peer_s"]
    result["ratio_fresh_connection"] = result["cost_s"] / result["peer_fresh_connection_s"]
    result["ratio_prepared_columns"] = result["cost_s"] / result["peer_prepared_columns_s"]
    result["ratio_with_counts_and_means"] = result["cost_families_mean_s"] / result["peer_s"]
    return result | {"families": families, "events": events}


def measure_utility(families: int = 1_000, events: int = 30_000, seed: int = 1) -> dict[str, float]:
    """What protection costs in accuracy, for costs and families by district and quarter (7 x 8 cells).

    Error of a released cost against the true one (share of it), of a released count (families), of the change from the
    first year's quarters to the second's (percentage points), and the share of cells withheld.
    """
    vintage = build_vintage(families, events, seed)
    by = {"district": "district"}
    asked = cost_question("families", "cost").model_copy(update={"by": {**by, "period": "quarter"}})
    released = protect_table(exact_table(vintage, asked), Rules(), KEY)
    true = _true_figures(vintage)
    errors: dict[str, list[float]] = {"cost": [], "families": []}
    change: list[float] = []
    shown: dict[tuple[str, str], float] = {}
    for cell in released.cells:
        keys = (cell.keys["district"], cell.keys["period"])
        if cell.value is not None:
            exact = true[cell.measure][keys]
            scale = exact if cell.measure == "cost" else 1.0
            errors[cell.measure].append(abs(cell.value - exact) / scale)
        if cell.measure == "cost" and cell.value is not None:
            shown[keys] = cell.value
    for (district, quarter), after in shown.items():
        year_before = (district, f"{int(quarter[:4]) - 1}{quarter[4:]}")
        if year_before in shown:
            was, now = true["cost"][year_before], true["cost"][district, quarter]
            change.append(100 * abs(after / shown[year_before] - now / was))
    cells = len(released.cells) / 2
    return {
        "cost_error_median": statistics.median(errors["cost"]),
        "cost_error_p95": float(np.quantile(errors["cost"], 0.95)),
        "change_error_points_median": statistics.median(change),
        "count_error_mean": statistics.fmean(errors["families"]),
        "cost_cells_withheld": released.withheld["cost"] / cells,
        "count_cells_withheld": released.withheld["families"] / cells,
    }


def _true_figures(vintage: Mapping[str, pa.Table]) -> dict[str, dict[tuple[str, str], float]]:
    events, families = (pl.DataFrame(pl.from_arrow(vintage[n])) for n in ("events", "families"))
    labels = pl.format("{}-Q{}", pl.col("quarter") // 4, pl.col("quarter") % 4 + 1)
    sums = (
        events.join(families.select("family", "district"), on="family")
        .group_by("district", labels.alias("period"))
        .agg(pl.col("cost_pence").sum() / 100, pl.col("family").n_unique())
    )
    rows = list(sums.iter_rows())
    return {
        "cost": {(d, p): cost for d, p, cost, _ in rows},
        "families": {(d, p): float(count) for d, p, _, count in rows},
    }


def main() -> None:
    """Prints the measurement as a table or as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--families", type=int, default=40_000)
    given = parser.parse_args()
    result = measure(given.families, given.events) | measure_utility()
    if given.json:
        print(json.dumps(result))
        return
    for name, figure in result.items():
        print(f"{name:32} {figure:12.4f}")


def _register(connection: duckdb.DuckDBPyConnection, vintage: Mapping[str, pa.Table]) -> None:
    for name in ("families", "events"):
        connection.register(name, vintage[name])


def _arrow(frame: pl.DataFrame) -> pa.Table:
    """Plain strings, as the vintage stores them."""
    table = frame.to_arrow()
    fields = [
        pa.field(
            f.name,
            pa.string()
            if pa.types.is_large_string(f.type) or pa.types.is_string_view(f.type)
            else f.type,
        )
        for f in table.schema
    ]
    return table.cast(pa.schema(fields))


if __name__ == "__main__":
    main()
