"""What becomes of persons from run to run, as tables. Records are letters, a number before a letter is its clean list."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
import pytest

from linkage.cluster import cluster
from linkage.history import changes_between
from linkage.identity import keep_ids
from linkage.oversized import Sized, within_cap
from linkage.regroup import Earlier, regroup
from linkage.score import Scored

title = "A person keeps its id, and what becomes of it is on record"

# Of every link here, so that only lists, the cap and the better link decide.
SURE = 0.9999
ENDS = {"entry_l": pl.UInt32, "entry_r": pl.UInt32}
EDGES = {**ENDS, "match_weight": pl.Float64, "match_probability": pl.Float64}


def persons(groups: str) -> dict[str, int]:
    """`ab c` as record -> group."""
    return {record: at for at, group in enumerate(groups.split()) for record in group}


def named(groups: str, previous: pl.DataFrame | None = None) -> pl.DataFrame:
    """record, person for these groups."""
    of = persons(groups)
    frame = pl.DataFrame({"record": list(of), "group": list(of.values())})
    before = None if previous is None else previous.select("record", id="person")
    person = pl.col("group").replace_strict(keep_ids(frame, before), return_dtype=pl.String)
    return frame.select("record", person=person)


@pytest.mark.parametrize(
    ("before", "after", "kinds", "keeps_id"),
    [
        pytest.param(*(cell.strip() for cell in line.split("|")), id=line.strip())
        for line in """
        ab c      | ab c      | kept kept | ab c
        ab        | abc       | changed   | abc
        abc       | ab        | changed   | ab
        ab        | ab c      | kept new  | ab
        ab c      | ab        | gone kept | ab
        abc       | ab c      | split     | ab
        ab c      | abc       | merge     | abc
        ab c      | abcd      | merge     | abcd
        abc       | ab cd     | split     | ab
        abc de    | ab cde    | regrouped | ab cde
        ab        | cd        | gone new  |
        """.strip().splitlines()
    ],
)
def test_what_became_of_the_persons(before: str, after: str, kinds: str, keeps_id: str) -> None:
    first = named(before)
    second = named(after, first)

    assert " ".join(sorted(changes_between(first, second)["kind"])) == kinds
    old = set(first["person"])
    kept = second.filter(pl.col("person").is_in(old)).group_by("person").agg("record")
    assert {"".join(sorted(each)) for each in kept["record"].to_list()} == set(keeps_id.split())


class Entries:
    """Entries by letter, with links such as `a-b 20` between them; `1a` is an entry of clean list 1."""

    def __init__(self, entries: str, links: str) -> None:
        self.number = {each[-1]: at for at, each in enumerate(entries.split(), start=1)}
        self.letter = {at: name for name, at in self.number.items()}
        listed = [int(each[:-1] or 100 + at) for at, each in enumerate(entries.split(), start=1)]
        schema = {"entry": pl.UInt32, "list_no": pl.UInt32}
        self.lists = pl.DataFrame([*zip(self.letter, listed, strict=True)], schema, orient="row")
        rows = []
        for link in filter(None, (each.strip() for each in links.split(","))):
            ends, weight = link.split()
            left, right = (self.number[end] for end in ends.split("-"))
            rows.append((left, right, float(weight), SURE))
        best = {"by": ["match_weight", "entry_l", "entry_r"], "descending": [True, False, False]}
        self.edges = pl.DataFrame(rows, EDGES, orient="row").sort(**best)
        self.asked = 0

    def persons(self, cap: int) -> Sized:
        """All of them clustered."""
        return within_cap(cluster(self.edges, self.lists), cap)

    def score(self, chosen: pl.Series, seen: pl.Series) -> Scored:
        """The links that a run asks for."""
        ends = pl.concat_list("entry_l", "entry_r").list
        asked = ends.set_intersection(chosen.implode()).list.len() > 0
        done = ends.set_intersection(seen.implode()).list.len() > 0
        told = self.edges.filter(asked & ~done)
        self.asked += told.height
        return Scored(told, told.height, 0.0)

    def told(self, sized: Sized) -> set[str]:
        """Persons as words, `a!` for those that are flagged."""
        groups = sized.clusters.entries.group_by("cluster").agg("entry")
        flagged = set(sized.flagged)
        return {
            "".join(sorted(self.letter[each] for each in entries)) + "!" * (cluster in flagged)
            for cluster, entries in groups.iter_rows()
        }


@pytest.mark.parametrize(
    ("links", "cores"),
    [
        pytest.param(*(cell.strip() for cell in line.split("|")), id=line.strip())
        for line in """
        a-b 20, b-c 20                           | abc d e f
        a-b 20, b-c 20, d-e 20, c-d 5            | abc! de! f
        a-b 20, b-c 18, c-d 16, d-e 14           | abc! d! e! f
        a-b 20, c-d 20, b-c 9, d-e 9             | ab! cd! e! f
        a-b 9, b-c 9, c-d 9                      | a! b! c! d! e f
        a-b 20, b-c 9, c-d 9, e-f 9              | ab! c! d! ef
        """.strip().splitlines()
    ],
)
def test_a_person_over_three_entries_falls_back_to_its_strong_cores(links: str, cores: str) -> None:
    entries = Entries("a b c d e f", links)
    sized = entries.persons(cap=3)

    assert entries.told(sized) == set(cores.split())
    assert sized.oversized == ("!" in cores)


def earlier(entries: Entries, before: str, fresh: Iterable[str]) -> Earlier:
    """The persons of the run before, `abc!` for a flagged one; a small letter that is no entry is gone."""
    rows: list[tuple[int, int, bool, int | None]] = []
    lost, lost_flagged = [], False
    for at, group in enumerate(before.split()):
        letters, flagged = group.rstrip("!"), group.endswith("!")
        # Every link of these tables is a certain one, so that a person of several is one core.
        core = 1 if len(letters) > 1 else None
        rows += [(entries.number[e], at, flagged, core) for e in letters if e in entries.number]
        if not set(letters) <= set(entries.number):
            lost.append(at)
            lost_flagged |= flagged
    schema = dict.fromkeys(("entry", "person"), pl.UInt32)
    schema |= {"flagged": pl.Boolean, "core": pl.UInt32}
    return Earlier(
        pl.DataFrame(rows, schema, orient="row"),
        pl.Series([entries.number[each] for each in fresh], dtype=pl.UInt32),
        pl.Series(lost, dtype=pl.UInt32),
        lost_flagged,
    )


TABLE = """
why                                   | before  | new | entries     | links                           | after     | links scored
nothing is new                        | ab c    |     | a b c       | a-b 20                          | ab c      | 0
a stranger                            | ab      | c   | a b c       | a-b 20                          | ab c      | 0
somebody known                        | ab      | c   | a b c       | a-b 20, b-c 9                   | abc       | 2
persons that nothing new touches      | ab cd f | e   | a b c d e f | a-b 20, c-d 20, b-e 9           | abe cd f  | 2
a bridge between two persons          | a c     | b   | a b c       | a-b 9, b-c 9                    | abc       | 2
a weaker rival for the same list      | ab      | c   | 1a b 1c     | a-b 20, b-c 9                   | ab c      | 2
better evidence takes an entry over   | ab      | c   | 1a b 1c     | a-b 9, b-c 20                   | a bc      | 2
a link that was refused comes back    | ab c    | d   | 1a b 1c 1d  | a-b 9, b-c 5, b-d 20            | a bd c    | 3
what is taken over frees another      | ab c    | d   | 1a 2b 2c 1d | a-b 15, a-c 8, b-d 20           | bd ac     | 3
the middle of a person is gone        | abc     |     | a c         |                                 | a c       | 0
the rest still holds                  | abc     |     | a c         | a-c 9                           | ac        | 1
the rival is gone                     | abx c   |     | a b 1c      | a-b 20, b-c 9                   | abc       | 2
one entry too many                    | abc     | d   | a b c d     | a-b 20, b-c 20, c-d 9           | abc! d!   | 3
a flagged person is looked at again   | ab! c!  | d   | a b c d     | a-b 20, b-c 5, c-d 9            | ab! cd!   | 3
"""


@pytest.mark.parametrize(
    ("before", "fresh", "entries", "links", "after", "scored"),
    [
        pytest.param(*row[1:], id=row[0])
        for row in ([c.strip() for c in line.split("|")] for line in TABLE.strip().splitlines()[1:])
    ],
)
def test_only_what_is_new_or_in_doubt_is_scored_and_the_persons_are_those_of_a_full_run(
    before: str, fresh: str, entries: str, links: str, after: str, scored: str
) -> None:
    table = Entries(entries, links)
    found = regroup(table.lists, earlier(table, before, fresh), table.score, 3, most_in_doubt=1)

    assert table.told(found.sized) == table.told(table.persons(cap=3)) == set(after.split())
    assert table.asked == int(scored)
