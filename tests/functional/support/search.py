"""Everything personal that a county's extracts say, and a search for it in every byte of anything.

In: a county. Out: `Wanted`, and from it the places where something was found. How a value is searched for:

- in small letters, against everything in small letters;
- one of 8 bytes or more (6 in what is no text) as it is, wherever it stands, also in the midst of other bytes;
- a shorter one, and one of fewer than 12 digits alone, only with no letter, digit or underscore before and after it:
  eight digits turn up by chance in hexadecimal digests, six letters in base64;
- one of fewer than 6 bytes in texts only: in a megabyte of ciphertext every three letters stand somewhere. (What holds
  a short surname in the clear holds longer ones beside it.)
- not at all when the product's own texts hold it as a word or a date ("day", "page", "2010-01-01"): it would be found
  in any answer. A forename with its surname is never such a word.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
from ahocorasick_rs import BytesAhoCorasick

from agencies.county import County

PROJECT = Path(__file__).resolve().parents[3]
OWN_TEXTS = ("agencies", "audit", "gateway", "policies")
DATE_FORMS = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%b-%Y", "%Y%m%d", "%d%m%Y", "%d %B %Y")
IDENTIFIES = {"nhs_number", "nino", "upn", "uprn", "postcode", "address", "surname"}
SHORT, SHORT_IN_TEXT, FEW_DIGITS = 6, 8, 12
DIGITS = re.compile(r"[\d-]+")
WORD_BYTE = re.compile(rb"[a-z0-9_]")


@dataclass(frozen=True)
class Wanted:
    """Values by kind, ready to be searched for; `left_out` are words of the product itself."""

    kinds: dict[str, set[str]]
    left_out: set[str]

    def __post_init__(self) -> None:
        values = sorted(set().union(*self.kinds.values()))
        object.__setattr__(self, "_values", [value.encode() for value in values])
        object.__setattr__(self, "_engine", BytesAhoCorasick([v.encode() for v in values]))

    def found_in(self, content: bytes) -> set[str]:
        """The values that stand in these bytes."""
        small, is_text = content.lower(), _is_text(content)
        hits = self._engine.find_matches_as_indexes(small, overlapping=True)  # type: ignore[attr-defined]
        values = self._values  # type: ignore[attr-defined]
        found = ((values[which].decode(), start, end) for which, start, end in hits)
        return {
            value
            for value, start, end in found
            if (is_text or len(value.encode()) >= SHORT)
            and (not needs_edges(value, is_text) or has_edges(small, start, end))
        }


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in content


def needs_edges(value: str, is_text: bool) -> bool:
    """Whether a value is so short that it could turn up by chance within something else."""
    if len(value.encode()) < (SHORT_IN_TEXT if is_text else SHORT):
        return True
    return bool(DIGITS.fullmatch(value)) and len(value.replace("-", "")) < FEW_DIGITS


def has_edges(content: bytes, start: int, end: int) -> bool:
    """Whether no letter, digit or underscore stands right before or after."""
    around = (content[max(start - 1, 0) : start], content[end : end + 1])
    return not any(WORD_BYTE.fullmatch(byte) for byte in around)


def wanted_of(county: County) -> Wanted:
    """What must be found nowhere: of every row as sent, spoiled ones as well, and of every person as it truly is."""
    kinds: dict[str, set[str]] = {}
    for frame, columns in _frames(county):
        for column, identifies in columns.items():
            for value in _texts(frame[column]):
                for kind, form in _forms(identifies, value):
                    kinds.setdefault(kind, set()).add(form.lower())
        pairs = frame.select(names_of(columns)).drop_nulls().unique().rows()
        kinds.setdefault("forename and surname", set()).update(
            form.lower()
            for forename, surname in pairs
            for form in (f"{forename} {surname}", f"{surname}, {forename}", f"{forename},{surname}")
        )
    return _without_own_words(kinds)


def names_of(columns: dict[str, str]) -> list[str]:
    """The columns of forename and surname."""
    return [
        next(c for c, what in columns.items() if what == name) for name in ("forename", "surname")
    ]


def _frames(county: County) -> Iterator[tuple[pl.DataFrame, dict[str, str]]]:
    known = {*IDENTIFIES, "forename", "date_of_birth"}
    for extract in county.recorded:
        declared = extract.dataset.columns
        columns = {name: c.identifies for name, c in declared.items() if c.identifies in known}
        yield extract.cells, columns
    people = county.people
    yield people, {name: name for name in people.columns if name in known}


def _texts(column: pl.Series) -> Iterable[str]:
    return (str(value).strip() for value in column.drop_nulls().unique() if str(value).strip())


def _forms(identifies: str, value: str) -> Iterator[tuple[str, str]]:
    """Every form in which one value could stand somewhere."""
    if identifies == "date_of_birth":
        yield identifies, value
        born = _day(value)
        if born is not None:
            yield from ((identifies, born.strftime(form)) for form in DATE_FORMS)
    elif identifies in IDENTIFIES:
        yield identifies, value
        if identifies == "postcode":
            yield identifies, value.replace(" ", "")
        if identifies == "address":
            line = value.partition(",")[0]
            if " " in line:  # else it is the number of the house alone
                yield identifies, line


def _day(text: str) -> date | None:
    from datetime import datetime

    for form in DATE_FORMS:
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    return None


def _without_own_words(kinds: dict[str, set[str]]) -> Wanted:
    own = own_text()
    # Words and dates of ours; longer things (a pair of names, an address) have to be found wherever they are.
    words = set(re.findall(r"[a-z0-9_']+", own)) | set(re.findall(r"\d{4}-\d\d-\d\d", own))
    words |= set(re.findall(r"\d\d[/.]\d\d[/.]\d{4}", own))
    left_out = {value for values in kinds.values() for value in values if value in words}
    short = {value for values in kinds.values() for value in values if len(value) < 3}
    return Wanted({kind: values - left_out - short for kind, values in kinds.items()}, left_out)


def own_text() -> str:
    """Every text that the product itself holds, in small letters."""
    files = (f for folder in OWN_TEXTS for f in (PROJECT / folder).rglob("*") if f.is_file())
    texts = [f for f in files if f.suffix in (".py", ".yaml", ".txt", ".md") and is_shown(f)]
    return "\n".join(f.read_text("utf-8").lower() for f in texts)


def is_shown(file: Path) -> bool:
    """Whether the gateway may show words of this file; its lists of names it does not."""
    return "county" not in file.parts and file.name != "ambiguous.py"


def cells_of(database: Path) -> bytes:
    """Every text of every table, one in a line: in the file itself they stand without anything between them."""
    connection = sqlite3.connect(database)
    try:
        query = "select name from sqlite_master where type = 'table'"
        tables = [name for (name,) in connection.execute(query)]
        cells = (
            cell
            for t in tables
            for row in connection.execute(f'select * from "{t}"')
            for cell in row
        )
        return "\n".join(str(cell) for cell in cells if not isinstance(cell, bytes)).encode()
    finally:
        connection.close()
