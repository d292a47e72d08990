"""Ids of persons stay while the persons do, and the history of a run accounts for every record once."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from linkage.history import KINDS, changes_between, count_changes
from linkage.identity import keep_ids

title = "Ids stay while persons do, and the history accounts for every record once"

names = st.integers(0, 11).map("r{:02}".format)
groupings = st.dictionaries(names, st.integers(0, 5), max_size=12)


def grouped(groups):
    schema = {"record": pl.String, "group": pl.UInt32}
    return pl.DataFrame(sorted(groups.items()), schema=schema, orient="row")


def run(groups, previous=None):
    """record, person as a run names them after the run before."""
    frame = grouped(groups)
    before = None if previous is None else previous.select("record", id="person")
    ids = keep_ids(frame, before)
    person = pl.col("group").replace_strict(ids, return_dtype=pl.String)
    return frame.select("record", person=person)


def members(persons):
    return {name: set(records) for name, records in persons.group_by("person").agg("record").rows()}


@given(groupings, st.permutations(range(6)))
def test_identical_input_keeps_all_ids_whatever_the_numbers(groups, renumbered):
    first = run(groups)
    again = run({record: renumbered[group] for record, group in groups.items()}, first)
    assert again.sort("record").equals(first.sort("record"))
    assert set(changes_between(first, again)["kind"]) <= {"kept"}


@given(groupings, groupings)
def test_every_record_and_every_person_is_in_exactly_one_change(before, after):
    first = run(before)
    second = run(after, first)
    changes = changes_between(first, second)

    told = [changes[f"records_{fate}"].sum() for fate in ("kept", "new", "gone")]
    both, new, gone = before.keys() & after.keys(), after.keys() - before, before.keys() - after
    assert told == [len(both), len(new), len(gone)]
    for side, persons in (("before", first), ("after", second)):
        listed = changes[side].explode(empty_as_null=False).to_list()
        assert sorted(listed) == sorted(members(persons))


@given(groupings, groupings)
def test_no_record_goes_from_one_change_to_another(before, after):
    first = run(before)
    second = run(after, first)
    of_old, of_new = dict(first.rows()), dict(second.rows())
    place = {"before": {}, "after": {}}
    for number, change in enumerate(changes_between(first, second).to_dicts()):
        for side in place:
            place[side] |= dict.fromkeys(change[side], number)
    for record in before.keys() & after.keys():
        assert place["before"][of_old[record]] == place["after"][of_new[record]]


@given(groupings, groupings)
def test_the_kind_of_a_change_says_how_many_persons_there_were(before, after):
    first = run(before)
    changes = changes_between(first, run(after, first))
    sizes = {
        "new": lambda b, a, moved: (b, a) == (0, 1),
        "gone": lambda b, a, moved: (b, a) == (1, 0),
        "kept": lambda b, a, moved: (b, a) == (1, 1) and not moved,
        "changed": lambda b, a, moved: (b, a) == (1, 1) and moved,
        "split": lambda b, a, moved: b == 1 < a,
        "merge": lambda b, a, moved: a == 1 < b,
        "regrouped": lambda b, a, moved: a > 1 and b > 1,
    }
    assert set(sizes) == set(KINDS)
    for change in changes.to_dicts():
        moved = change["records_new"] + change["records_gone"]
        assert sizes[change["kind"]](len(change["before"]), len(change["after"]), moved), change
    assert sum(count_changes(changes).values()) == changes.height


@given(groupings, groupings)
def test_an_id_is_never_given_to_two_persons_nor_to_strangers(before, after):
    first = run(before)
    second = run(after, first)
    old, new = members(first), members(second)
    assert len(new) == len(set(after.values()))
    # Who has an old id has a record of whoever had it.
    assert all(new[name] & old[name] for name in new.keys() & old.keys())


@given(groupings, groupings)
def test_the_same_runs_tell_the_same_history_but_for_random_ids(before, after):
    first = run(before)
    one, other = (changes_between(first, run(after, first)) for _ in range(2))
    kept = pl.col("after").list.set_intersection("before").list.sort()
    plain = [pl.exclude("after"), kept, pl.col("after").list.len().alias("persons")]
    order = ["kind", "before", "records_kept", "records_new", "persons"]
    assert one.select(plain).sort(order).equals(other.select(plain).sort(order))
