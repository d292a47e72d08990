"""Encode: the forms of standard values that become tokens.

Goes in: a column of standard values, none of them null. Comes out: a column of as many strings, or of
lists of strings (sets), null where a value has no such form. Two values agree at a level when these
forms are equal, or when the two sets share a member.
"""

from collections.abc import Callable

import polars as pl

from linkage.tokens.addresses import line
from linkage.tokens.metaphone import double_metaphone
from linkage.tokens.nicknames import nickname_groups

# One value in, one form out, column by column.
Column = Callable[[pl.Series], pl.Series]
_CODES = ("primary", "alternate")
_SHORTEST_FORM = 2
_LONGEST_NAME = 40
_SHORTEST_POSTCODE = 5


def whole(values: pl.Series) -> pl.Series:
    """The values themselves."""
    return values


def deletions(values: pl.Series) -> pl.Series:
    """Sets of the value and every form of it with one character left out (FastSS, Bocek et al. 2007).

    Two values share a member when one insertion, deletion, substitution or adjacent swap turns
    one into the other, and in some cases of two edits.
    """
    value, at = pl.col("value"), pl.col("at")
    length = value.str.len_chars()
    places = pl.int_ranges(-1, pl.when(length > _SHORTEST_FORM).then(length).otherwise(0))
    # Leaving out the one or the other of two equal neighbours gives the same form.
    repeats = (at > 0) & (value.str.slice(at, 1) == value.str.slice(at - 1, 1))
    left_out = value.str.slice(0, at) + value.str.slice(at + 1)
    forms = (
        values.str.slice(0, _LONGEST_NAME)
        .alias("value")
        .to_frame()
        .with_row_index("place")
        .with_columns(at=places)
        .explode("at")
        .filter(~repeats)
        .select("place", form=pl.when(at < 0).then(value).otherwise(left_out))
    )
    return forms.group_by("place", maintain_order=True).agg("form")["form"]


def prefix(length: int) -> Column:
    """The first letters, or all of a shorter name."""
    return lambda values: values.str.slice(0, length)


def metaphones(values: pl.Series) -> pl.Series:
    """Sets of the primary double metaphone code first, then the alternate where it differs."""
    codes = [double_metaphone(value) for value in values]
    told = pl.DataFrame(codes, schema=dict.fromkeys(_CODES, pl.String), orient="row")
    primary, alternate = (pl.when(pl.col(code) != "").then(pl.col(code)) for code in _CODES)
    further = pl.when(alternate.ne_missing(primary)).then(alternate)
    return told.select(pl.concat_list(primary, further).list.drop_nulls()).to_series()


def nicknames(values: pl.Series) -> pl.Series:
    """Sets of the full forms a forename may stand for; null for a name not listed."""
    listed = values.alias("name").to_frame()
    return listed.join(nickname_groups(), on="name", how="left", maintain_order="left")["groups"]


def unordered_date(digits: pl.Series) -> pl.Series:
    """The year with day and month in rising order: equal for a date and its swapped form."""
    month, day = digits.str.slice(4, 2), digits.str.slice(6, 2)
    rising = month <= day
    return digits.str.slice(0, 4) + month.zip_with(rising, day) + day.zip_with(rising, month)


def near_dates(digits: pl.Series) -> pl.Series:
    """Sets of the date with each digit masked in turn, and with each adjacent pair in rising order.

    Two dates share a member when one digit differs or two adjacent digits are transposed.
    """
    date = pl.col("date")
    masked = [date.str.slice(0, at) + "*" + date.str.slice(at + 1) for at in range(8)]
    paired = [
        pl.lit(f"{at}:") + date.str.slice(0, at) + _rising(date, at) + date.str.slice(at + 2)
        for at in range(7)
    ]
    made = digits.alias("date").to_frame().select(pl.concat_list(*masked, *paired))
    return made.to_series()


def _rising(date: pl.Expr, at: int) -> pl.Expr:
    one, other = date.str.slice(at, 1), date.str.slice(at + 1, 1)
    return pl.when(one <= other).then(one + other).otherwise(other + one)


def year_month(digits: pl.Series) -> pl.Series:
    """Year and month."""
    return digits.str.slice(0, 6)


def month_day(digits: pl.Series) -> pl.Series:
    """Month and day."""
    return digits.str.slice(4)


def year_day(digits: pl.Series) -> pl.Series:
    """Year and day of the month."""
    return digits.str.slice(0, 4) + digits.str.slice(6)


def year(digits: pl.Series) -> pl.Series:
    """The year."""
    return digits.str.slice(0, 4)


def outward(postcodes: pl.Series) -> pl.Series:
    """The outward code: all but the last three characters."""
    return _but_for_the_last(3, postcodes)


def sector(postcodes: pl.Series) -> pl.Series:
    """The postcode sector: all but the last two characters."""
    return _but_for_the_last(2, postcodes)


def written_address(parts: pl.Series) -> pl.Series:
    """The whole address with its commas: every other form follows from it."""
    return _held(parts.struct.field("written"))


def premises(parts: pl.Series) -> pl.Series:
    """Flat, number and street, whatever town follows; the whole line where there is no number."""
    part = parts.struct.field
    known = (part("number") != "") & (part("street") != "")
    told = part("unit") + "|" + part("number") + "|" + part("street")
    return told if known.all() else told.zip_with(known, _held(line(part("written"))))


def house_number(parts: pl.Series) -> pl.Series:
    """Flat and building number together; none where there is no number."""
    unit, number = parts.struct.field("unit"), parts.struct.field("number")
    return _only((unit + "|" + number), number != "")


def near_numbers(numbers: pl.Series) -> pl.Series:
    """Sets of the number with one digit changed, missing or one too many, or two neighbours exchanged.

    Two numbers of one flat share a member in these cases, and in none of two edits.
    """
    sets = [_near_number(*number.split("|")) for number in numbers]
    return pl.Series(sets, dtype=pl.List(pl.String))


def _near_number(flat: str, number: str) -> list[str]:
    size = len(number)
    changed = [f"{number[:at]}*{number[at + 1 :]}" for at in range(size)]
    missing = [f"{number[:at]}*{number[at:]}" for at in range(size + 1)]
    exchanged = [
        f"{at}:{number[:at]}{''.join(sorted(number[at : at + 2]))}{number[at + 2 :]}"
        for at in range(size - 1)
    ]
    return [f"{flat}|{form}" for form in dict.fromkeys([number, *changed, *missing, *exchanged])]


def street(parts: pl.Series) -> pl.Series:
    """The street; none where there is no number, because a street alone is not a household."""
    number, name = parts.struct.field("number"), parts.struct.field("street")
    return _only(name, (number != "") & (name != ""))


def _but_for_the_last(count: int, postcodes: pl.Series) -> pl.Series:
    long_enough = postcodes.str.len_chars() >= _SHORTEST_POSTCODE
    return _only(postcodes.str.head(-count), long_enough)


def _held(values: pl.Series) -> pl.Series:
    return _only(values, values != "")


def _only(values: pl.Series, where: pl.Series) -> pl.Series:
    return values.zip_with(where, pl.Series([None], dtype=values.dtype))
