"""Whatever intake accepts at the agency, in whatever notation, the gateway accepts when it reads it again."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from agencies.intake import take_in
from agencies.prepared import report_of, require_records, told
from agencies.register import load_register

title = "The two sides of a prepared extract read alike"

DATASET = load_register().dataset("dwp", "spells")
TODAY = date(2026, 11, 22)
SOUND = {
    "id": "C1",
    "name": "Ann",
    "date": "2024-02-29",
    "nino": "",
    "postcode": "LE1 1AA",
    "address": "1 High Street",
    "sex": "",
    "yes_no": "",
}

digits = st.integers(0, 10**6)
numbers = st.one_of(
    digits.map(str),
    digits.map(lambda n: f"{n:,}"),
    digits.map(lambda n: f"-{n}"),
    st.tuples(digits, st.integers(0, 999)).map(lambda each: f"{each[0]}.{each[1]:03}"),
    st.floats(allow_nan=True, allow_infinity=True).map(str),
    st.floats(0, 1e6).map(repr),
    st.sampled_from(["", "0", "-0", "00", "1.", "1.5e3", "1e-7", "NaN", "inf", "£3", "£1,234.50"]),
)
days = st.one_of(
    st.dates(date(1890, 1, 1), date(2030, 1, 1)).map(lambda day: day.strftime(DATASET.date_format)),
    st.dates(date(1890, 1, 1), date(2030, 1, 1)).map(date.isoformat),
    st.sampled_from(["", "31/02/2023", "2024-02-29 00:00:00"]),
)


def cells(kind: str, codes: dict[str, str]) -> st.SearchStrategy[str]:
    """Cells of one kind, some of them wrong."""
    if codes:
        known = st.sampled_from(sorted(codes))
        return st.one_of(known, known.map(str.lower), st.sampled_from(["", "nonsense"]))
    if kind in ("integer", "number", "money_gbp"):
        return numbers
    if kind == "date":
        return days
    if kind == "yes_no":
        return st.sampled_from(["Y", "n", "Yes", "0", "1", "", "perhaps"])
    return st.just(SOUND[kind])


REFERENCE = DATASET.columns[DATASET.roles["agency_id"]].header
SERVICE = {name: DATASET.columns[name] for name in DATASET.service_columns}
FUZZED = {each.header: cells(each.kind, each.codes) for each in SERVICE.values()}
AS_IT_SHOULD_BE = {
    each.header: next(iter(each.codes), SOUND.get(each.kind, "1"))
    for each in DATASET.columns.values()
}
# One or two cells of a row may be anything: a row that is wrong throughout would be accepted by neither side.
rows = st.lists(st.sampled_from(sorted(FUZZED)), max_size=2, unique=True).flatmap(
    lambda chosen: st.fixed_dictionaries(
        {
            header: FUZZED[header] if header in chosen else st.just(sound)
            for header, sound in AS_IT_SHOULD_BE.items()
        }
    )
)


@settings(max_examples=120, deadline=None)
@given(st.lists(rows, min_size=1, max_size=12))
def test_what_one_side_accepts_the_other_accepts(written: list[dict[str, str]]) -> None:
    intake = take_in(extract_of(written), "", DATASET, today=TODAY)
    report = report_of(told(intake.report), DATASET)
    assert report == intake.report
    require_records(intake.records, DATASET, report, TODAY)


def extract_of(written: list[dict[str, str]]) -> bytes:
    """A file of these rows, each about another person: a row that stands there twice is refused."""
    people = [row | {REFERENCE: f"C{number}"} for number, row in enumerate(written)]
    headers = list(AS_IT_SHOULD_BE)
    lines = [headers, *([row[header] for header in headers] for row in people)]
    return "\n".join(",".join(f'"{cell}"' for cell in line) for line in lines).encode()
