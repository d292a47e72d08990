"""Properties of family rules: what never depends on the data, whatever it is."""

from datetime import date, timedelta
from functools import cache

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.families import RULES, FamilyRule, family_at, group_families, memberships
from linkage.tokens import LinkageKey, tokenise

KEY = LinkageKey(b"\x0d" * 32)
ROLES = ("surname", "address", "postcode", "uprn", "agency_id", "guardian_id", "partner_id")
FIRST = date(2023, 1, 1)
# No number is one edit from another, nor any street: what differs here is another home.
HOMES = ("3 High Street", "47 Mill Lane", "118 Church Road", "256 Orchard Way")
POSTCODES = ("LE13 0AB", "CV9 2ZZ")
SURNAMES = ("Quirke", "Vane", "Osgood")
ADDRESSES = (
    *HOMES,
    "701 Station Parade",
    *(f"{number} High Street" for number in (47, 118, 256, 999, 1472)),
)
VALUES = {
    "surname": (*SURNAMES, *(chr(65 + n) * 5 for n in range(26))),
    "address": ADDRESSES,
    "postcode": POSTCODES,
    "uprn": ("100", "200"),
    **dict.fromkeys(("agency_id", "guardian_id", "partner_id"), tuple("012345")),
}
few = settings(max_examples=40, deadline=None)
any_rule = st.sampled_from(sorted(RULES))


@st.composite
def sightings(draw, *, least=1, most=14):
    """Records of up to six persons; a person's own reference is their number."""
    count = draw(st.integers(least, most))
    records = []
    for _ in range(count):
        person = draw(st.integers(0, 5))
        relative = st.one_of(st.none(), st.integers(0, 5).map(str))
        records.append(
            {
                "person": person,
                "seen_on": FIRST + timedelta(days=draw(st.integers(0, 1000))),
                "surname": draw(st.sampled_from(SURNAMES)),
                "address": draw(st.one_of(st.none(), st.sampled_from(HOMES))),
                "postcode": draw(st.sampled_from(POSTCODES)),
                "uprn": draw(st.one_of(st.none(), st.none(), st.sampled_from(("100", "200")))),
                "agency_id": draw(st.one_of(st.none(), st.just(str(person)))),
                "guardian_id": draw(relative),
                "partner_id": draw(st.one_of(st.none(), st.none(), relative)),
            }
        )
    return records


@cache
def vocabulary(role):
    """The tokens of every value that a role may have here, made once."""
    values = VALUES[role]
    rows = {"row": range(len(values)), "seen_on": [FIRST] * len(values), role: list(values)}
    schema = {"row": pl.UInt32, "seen_on": pl.Date, role: pl.String}
    tokens = tokenise(pl.DataFrame(rows, schema=schema), KEY, namespace="housing")
    return tokens.drop("row", "seen_on")


def tokens_and_persons(records):
    columns = [
        pl.DataFrame(
            {
                "record": [str(number) for number in range(len(records))],
                "seen_on": [record["seen_on"] for record in records],
            }
        )
    ]
    for role, values in VALUES.items():
        told = [record.get(role) for record in records]
        places = [None if value is None else values.index(value) for value in told]
        at = pl.Series(places, dtype=pl.UInt32)
        columns.append(vocabulary(role).select(pl.all().gather(at)))
    tokens = pl.concat(columns, how="horizontal")
    who = pl.Series([record["person"] for record in records], dtype=pl.UInt32)
    return tokens, tokens.select("record").with_columns(cluster=who)


def grouped(found, item="cluster"):
    members = found.group_by("family").agg(pl.col(item).sort())[item].to_list()
    return sorted(members)


def families(records, rule):
    return grouped(group_families(*tokens_and_persons(records), FamilyRule(name=rule)))


@few
@given(name=any_rule, records=sightings(), order=st.randoms(use_true_random=False))
def test_the_order_of_records_changes_nothing(name, records, order):
    shuffled = list(records)
    order.shuffle(shuffled)
    assert families(shuffled, name) == families(records, name)


@few
@given(name=any_rule, records=sightings())
def test_a_stranger_changes_nobody_elses_family(name, records):
    stranger = {
        "person": 99,
        "seen_on": FIRST + timedelta(days=500),
        "surname": records[0]["surname"],
        "address": "701 Station Parade",
        "postcode": "LE13 0AB",
    }
    assert families([*records, stranger], name) == sorted([*families(records, name), [99]])


@few
@given(name=any_rule, records=sightings())
def test_postcode_and_surname_alone_join_nobody(name, records):
    bare = [{k: r[k] for k in ("person", "seen_on", "postcode", "surname")} for r in records]
    persons = sorted({record["person"] for record in records})
    assert families(bare, name) == [[person] for person in persons]


@few
@given(name=any_rule, records=sightings())
def test_one_street_and_surname_join_nobody_of_another_number(name, records):
    numbers = ("3", "47", "118", "256", "999", "1472")
    apart = [
        {
            "person": r["person"],
            "seen_on": r["seen_on"],
            "surname": "Quirke",
            "postcode": "LE13 0AB",
            "address": f"{numbers[r['person']]} High Street",
        }
        for r in records
    ]
    persons = sorted({record["person"] for record in records})
    assert families(apart, name) == [[person] for person in persons]


@few
@given(
    name=st.sampled_from(sorted(set(RULES) - {"kin@1"})),
    count=st.integers(2, 30),
    surname=st.sampled_from(["one", "each"]),
)
def test_a_home_holds_a_household_up_to_twelve_and_none_beyond(name, count, surname):
    records = [
        {
            "person": person,
            "seen_on": FIRST,
            "surname": "Quirke" if surname == "one" else chr(65 + person % 26) * 5,
            "address": HOMES[0],
            "postcode": POSTCODES[0],
        }
        for person in range(count)
    ]
    everybody = list(range(count))
    expected = [everybody] if count <= 12 else [[person] for person in everybody]
    assert families(records, name) == expected


@few
@given(name=any_rule, records=sightings())
def test_on_every_day_every_person_is_in_one_family(name, records):
    tokens, persons = tokens_and_persons(records)
    found = memberships(tokens, persons.rename({"cluster": "person"}), FamilyRule(name=name))
    for times in found.sort("person", "from", nulls_last=False).partition_by("person"):
        begins, ends = times["from"].to_list(), times["until"].to_list()
        assert begins[0] is None
        assert ends[-1] is None
        assert ends[:-1] == begins[1:]
        assert all(a < b for a, b in zip(ends[:-1], ends[1:-1], strict=False))


@few
@given(
    name=st.sampled_from(["household@1", "kin@1", "household-and-kin@1"]),
    records=sightings(),
    after=st.integers(0, 1000),
)
def test_the_families_of_a_day_lie_within_those_of_the_whole_period(name, records, after):
    tokens, persons = tokens_and_persons(records)
    rule = FamilyRule(name=name)
    whole = group_families(tokens, persons, rule)
    day = family_at(
        tokens, persons.rename({"cluster": "person"}), rule, FIRST + timedelta(days=after)
    )
    both = day.rename({"family": "daily"}).join(whole, left_on="person", right_on="cluster")
    assert both.group_by("daily").agg(pl.col("family").n_unique())["family"].max() == 1
