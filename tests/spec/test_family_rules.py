"""What each family rule promises, as tables: who was recorded when and where, and whom each rule makes a family."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from linkage.errors import SettingsInvalid
from linkage.families import RULES, FamilyRule, family_at, group_families
from linkage.tokens import LinkageKey, tokenise

title = "A family is what the named rule says, and nothing else"

KEY = LinkageKey(b"\x0b" * 32)
ROLES = ("surname", "address", "postcode", "uprn", "agency_id", "guardian_id", "partner_id")
SHORT = {"ref": "agency_id", "guardian": "guardian_id", "partner": "partner_id"}
ALL = ("household@1", "kin@1", "household-and-kin@1", "household-and-kin@2")


def tokens_of(table: str) -> tuple[pl.DataFrame, list[str]]:
    """Token records, and the person each is about, of a table with the columns person, month and identifiers."""
    head, *lines = [[w.strip() for w in line.split("|")] for line in table.strip().split("\n")]
    rows, who = [], []
    for number, line in enumerate(lines):
        cells = dict(zip(head, line, strict=True))
        given = {
            SHORT.get(k, k): v or None for k, v in cells.items() if k not in ("person", "month")
        }
        seen = {"row": number, "seen_on": date.fromisoformat(f"{cells['month']}-15")}
        rows.append({**dict.fromkeys(ROLES), "postcode": "LE13 0AB", **given, **seen})
        who.append(cells["person"])
    schema = {"row": pl.UInt32, "seen_on": pl.Date, **dict.fromkeys(ROLES, pl.String)}
    tokens = tokenise(pl.DataFrame(rows, schema=schema), KEY, namespace="housing")
    return tokens.with_columns(record=pl.col("row").cast(pl.String)).drop("row"), who


def families(table: str, rule: str) -> str:
    """The families by the rule, as the initials of their persons: 'ab c'."""
    tokens, who = tokens_of(table)
    names = sorted(set(who))
    persons = tokens.select("record", cluster=pl.Series([names.index(w) for w in who]))
    found = group_families(tokens, persons.cast({"cluster": pl.UInt32}), FamilyRule(name=rule))
    return told([(names[cluster], family) for cluster, family in found.sort("cluster").rows()])


def families_on(table: str, rule: str, day: date) -> str:
    """The families of one day."""
    tokens, who = tokens_of(table)
    persons = tokens.select("record", person=pl.Series(who))
    return told(family_at(tokens, persons, FamilyRule(name=rule), day).sort("person").rows())


def told(found: list[tuple[str, int]]) -> str:
    groups: dict[int, str] = {}
    for name, family in found:
        groups[family] = groups.get(family, "") + name[0]
    return " ".join(sorted(groups.values()))


RELATIVES_APART = """
    person | month   | address        | postcode | ref | guardian
    child  | 2024-05 | 12 High Street | LE13 0AB | 7   | 8
    parent | 2024-05 | 40 Mill Lane   | CV9 2ZZ  | 8   |
    lodger | 2024-05 | 12 High Street | LE13 0AB | 9   |
"""
TWO_MOTHERS = """
    person | month   | address        | surname | ref | guardian
    anna   | 2024-05 | 12 High Street | Quirke  | 1   |
    ben    | 2024-05 | 12 High Street | Quirke  | 2   | 1
    mona   | 2024-05 | 12 High Street | Vane    | 3   |
    nils   | 2024-05 | 12 High Street | Vane    | 4   | 3
"""
LODGER = """
    person | month   | address        | surname
    anna   | 2024-05 | 12 High Street | Quirke
    ben    | 2024-05 | 12 High Street | Quirke
    zoe    | 2024-05 | 12 High Street | Vane
"""
NEXT_TENANTS = """
    person | month   | address        | postcode
    anna   | 2023-01 | 12 High Street | LE13 0AB
    anna   | 2024-02 | 40 Mill Lane   | CV9 2ZZ
    ben    | 2023-06 | 9 Long Row     | DE7 1XX
    ben    | 2024-02 | 12 High Street | LE13 0AB
    anna   | 2024-01 | 12 High Street | LE13 0AB
"""
STREET_MISTYPED = """
    person | month   | address
    anna   | 2024-05 | 12 High Street
    ben    | 2024-05 | 12 Hihg Street
"""
NEIGHBOURS = """
    person | month   | address        | surname
    anna   | 2024-05 | 12 High Street | Quirke
    ben    | 2024-05 | 48 High Street | Quirke
"""
POSTCODE_AND_SURNAME = """
    person | month   | surname
    anna   | 2024-05 | Quirke
    ben    | 2024-05 | Quirke
"""
YEARS_APART = """
    person | month   | address        | surname
    anna   | 2022-01 | 12 High Street | Quirke
    ben    | 2024-05 | 12 High Street | Vane
"""


@pytest.mark.parametrize(
    ("records", "household", "kin", "both", "both_2"),
    [
        pytest.param(RELATIVES_APART, "cl p", "cp l", "clp", "clp", id="relatives who live apart"),
        pytest.param(
            TWO_MOTHERS, "abmn", "ab mn", "abmn", "ab mn", id="two families at one address"
        ),
        pytest.param(LODGER, "abz", "a b z", "abz", "abz", id="one person of another name"),
        pytest.param(NEXT_TENANTS, "ab", "a b", "ab", "a b", id="those who moved in after"),
        pytest.param(STREET_MISTYPED, "ab", "a b", "ab", "ab", id="a street mistyped"),
        pytest.param(NEIGHBOURS, "a b", "a b", "a b", "a b", id="neighbours of one surname"),
        pytest.param(
            POSTCODE_AND_SURNAME, "a b", "a b", "a b", "a b", id="postcode and surname only"
        ),
        pytest.param(YEARS_APART, "a b", "a b", "a b", "a b", id="at one address years apart"),
    ],
)
def test_what_each_rule_makes_of_the_same_records(records, household, kin, both, both_2):
    found = {rule: families(records, rule) for rule in ALL}
    assert found == dict(zip(ALL, (household, kin, both, both_2), strict=True))


NUMBER_AGAINST_UPRN = """
    person | month   | address        | uprn
    anna   | 2024-05 | 12 High Street | 10001
    ben    | 2024-05 | 12 High Street | 10001
    carl   | 2024-05 | 14 High Street | 10001
    zoe    | 2024-05 | 14 High Street |
"""
NUMBER_MISTYPED = """
    person | month   | address         | surname | ref
    anna   | 2024-05 | 12 High Street  | Quirke  | 1
    ben    | 2024-05 | 12 High Street  | Quirke  | 2
    carl   | 2024-05 | 112 High Street | Quirke  | 3
"""
NUMBER_TOLD_TWICE = f"""{NUMBER_MISTYPED.rstrip()}
    carl   | 2024-06 | 112 High Street | Quirke  | 4
"""
NUMBER_OF_ONE_WHO_MOVED = f"""{NUMBER_MISTYPED.rstrip()}
    carl   | 2024-01 | 40 Mill Lane    | Quirke  | 4
"""
NUMBER_OF_TWO_HOMES = f"""{NUMBER_MISTYPED.rstrip()}
    mona   | 2024-05 | 119 High Street | Quirke  | 5
    nils   | 2024-05 | 119 High Street | Quirke  | 6
"""
NAMED_ELSEWHERE = """
    person | month   | address        | postcode | surname | ref | partner
    anna   | 2024-05 | 12 High Street | LE13 0AB | Quirke  | 1   |
    ben    | 2024-05 | 12 High Street | LE13 0AB | Quirke  | 2   |
    zoe    | 2024-05 | 12 High Street | LE13 0AB | Vane    | 3   |
    zoe    | 2024-03 | 40 Mill Lane   | CV9 2ZZ  | Vane    | 4   |
"""
NAMED_ELSEWHERE_AND_TWICE_HERE = f"""{NAMED_ELSEWHERE.rstrip()}
    zoe    | 2024-06 | 12 High Street | LE13 0AB | Vane    | 5   |
"""
TWO_NUMBERS = """
    person | month   | address         | surname | ref
    anna   | 2024-05 | 12 High Street  | Quirke  | 1
    ben    | 2024-05 | 12 High Street  | Quirke  | 2
    zoe    | 2024-05 | 12 High Street  | Vane    | 3
    zoe    | 2024-05 | 112 High Street | Vane    | 4
"""


@pytest.mark.parametrize(
    ("records", "both", "both_2"),
    [
        pytest.param(NUMBER_AGAINST_UPRN, "abcz", "abc z", id="a number that its UPRN denies"),
        pytest.param(NUMBER_MISTYPED, "ab c", "abc", id="a number one edit from the surname's"),
        pytest.param(NUMBER_TOLD_TWICE, "ab c", "ab c", id="which two registrations write"),
        pytest.param(
            NUMBER_OF_ONE_WHO_MOVED, "ab c", "ab c", id="of one who was elsewhere, without them"
        ),
        pytest.param(NUMBER_OF_TWO_HOMES, "ab c mn", "ab c mn", id="which may be either of two"),
        pytest.param(
            NAMED_ELSEWHERE, "abz", "ab z", id="a stranger named here once, and elsewhere"
        ),
        pytest.param(
            NAMED_ELSEWHERE.replace("| 3 ", "|   "), "abz", "abz", id="by an agency without ids"
        ),
        pytest.param(NAMED_ELSEWHERE_AND_TWICE_HERE, "abz", "abz", id="named here twice"),
        pytest.param(TWO_NUMBERS, "abz", "ab z", id="a stranger at two numbers one edit apart"),
    ],
)
def test_a_slip_of_a_number_makes_no_family_by_the_second_version(records, both, both_2):
    assert families(records, "household-and-kin@1") == both
    assert families(records, "household-and-kin@2") == both_2


def test_every_rule_is_in_the_tables_above_and_says_what_it_is():
    assert set(RULES) == set(ALL)
    assert all(rule.says.startswith("A family is the people") for rule in RULES.values())


@pytest.mark.parametrize("name", ["household@2", "household", "family@1", "", "KIN@1"])
def test_a_rule_that_nobody_defined_is_refused(name):
    with pytest.raises(SettingsInvalid):
        FamilyRule(name=name)


CHILD_MOVED = """
    person | month   | address        | postcode
    mother | 2023-01 | 12 High Street | LE13 0AB
    child  | 2023-03 | 12 High Street | LE13 0AB
    father | 2023-02 | 40 Mill Lane   | CV9 2ZZ
    child  | 2024-11 | 12 High Street | LE13 0AB
    child  | 2025-02 | 40 Mill Lane   | CV9 2ZZ
    mother | 2025-10 | 12 High Street | LE13 0AB
    father | 2025-10 | 40 Mill Lane   | CV9 2ZZ
"""
CHILD_MOVED_AND_GUARDIAN = """
    person | month   | address        | postcode | ref | guardian
    mother | 2023-01 | 12 High Street | LE13 0AB | 1   |
    child  | 2023-03 | 12 High Street | LE13 0AB | 2   | 1
    father | 2023-02 | 40 Mill Lane   | CV9 2ZZ  | 3   |
    child  | 2025-02 | 40 Mill Lane   | CV9 2ZZ  | 2   | 3
    mother | 2025-10 | 12 High Street | LE13 0AB | 1   |
"""
FAMILY_MOVED = """
    person | month   | address        | postcode
    mother | 2023-01 | 12 High Street | LE13 0AB
    child  | 2023-03 | 12 High Street | LE13 0AB
    son    | 2023-04 | 12 High Street | LE13 0AB
    child  | 2024-02 | 40 Mill Lane   | CV9 2ZZ
    mother | 2025-11 | 40 Mill Lane   | CV9 2ZZ
    newest | 2025-12 | 40 Mill Lane   | CV9 2ZZ
"""
FATHER_LEFT = """
    person | month   | address        | postcode | ref | partner
    mother | 2023-01 | 12 High Street | LE13 0AB | 1   |
    father | 2023-02 | 12 High Street | LE13 0AB | 2   | 1
    father | 2024-09 | 40 Mill Lane   | CV9 2ZZ  | 2   |
    mother | 2025-10 | 12 High Street | LE13 0AB | 1   |
"""


@pytest.mark.parametrize(
    ("records", "in_2024", "in_2025"),
    [
        pytest.param(CHILD_MOVED, "cm f", "cf m", id="a child moved to the other parent"),
        pytest.param(CHILD_MOVED_AND_GUARDIAN, "cm f", "cf m", id="and has another guardian"),
        pytest.param(FAMILY_MOVED, "cmns", "cmns", id="a family moved, not all told at once"),
        pytest.param(FATHER_LEFT, "fm", "f m", id="a partner moved out"),
    ],
)
@pytest.mark.parametrize("rule", ["household-and-kin@1", "household-and-kin@2"])
def test_whose_family_a_person_is_depends_on_the_day(records, in_2024, in_2025, rule):
    assert families_on(records, rule, date(2024, 4, 1)) == in_2024
    assert families_on(records, rule, date(2025, 12, 1)) == in_2025


@pytest.mark.parametrize(("largest", "expected"), [(4, "abmn"), (3, "a b m n")])
def test_more_persons_than_a_household_holds_are_none(largest, expected):
    tokens, who = tokens_of(TWO_MOTHERS)
    names = sorted(set(who))
    persons = tokens.select("record", cluster=pl.Series([names.index(w) for w in who]))
    rule = FamilyRule(name="household@1", largest_household=largest)
    found = group_families(tokens, persons.cast({"cluster": pl.UInt32}), rule)
    assert told([(names[c], f) for c, f in found.sort("cluster").rows()]) == expected
