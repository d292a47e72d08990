"""Encode: the forms of one standard value that become tokens.

Goes in: a standard value. Comes out: one string, a tuple of strings (a set), or None. Two values
agree at a level when these forms are equal, or when the two sets share a member.
"""

from linkage.tokens import addresses
from linkage.tokens.metaphone import double_metaphone
from linkage.tokens.phonetic import nysiis

Encoded = str | tuple[str, ...] | None
_SHORTEST_FORM = 2
_LONGEST_NAME = 40


def whole(value: str) -> Encoded:
    """The value itself."""
    return value


def deletions(value: str) -> tuple[str, ...]:
    """The value and every form of it with one character left out (FastSS, Bocek et al. 2007).

    Two values share a member when one insertion, deletion, substitution or adjacent swap turns
    one into the other, and in some cases of two edits.
    """
    value = value[:_LONGEST_NAME]
    if len(value) <= _SHORTEST_FORM:
        return (value,)
    shorter = [value[:at] + value[at + 1 :] for at in range(len(value))]
    return tuple(dict.fromkeys([value, *shorter]))


def initial(value: str) -> Encoded:
    """The first letter."""
    return value[:1]


def prefix3(value: str) -> Encoded:
    """The first three letters, or all of a shorter name."""
    return value[:3]


def prefix4(value: str) -> Encoded:
    """The first four letters, or all of a shorter name."""
    return value[:4]


def nysiis_code(value: str) -> Encoded:
    """The NYSIIS code."""
    return nysiis(value) or None


def metaphones(value: str) -> tuple[str, ...]:
    """The primary double metaphone code first, then the alternate where it differs."""
    return tuple(code for code in dict.fromkeys(double_metaphone(value)) if code)


def unordered_date(digits: str) -> Encoded:
    """The year with day and month in rising order: equal for a date and its swapped form."""
    return digits[:4] + "".join(sorted((digits[4:6], digits[6:])))


def near_dates(digits: str) -> tuple[str, ...]:
    """The date with each digit masked in turn, and with each adjacent pair in rising order.

    Two dates share a member when one digit differs or two adjacent digits are transposed.
    """
    masked = (f"{digits[:at]}*{digits[at + 1 :]}" for at in range(8))
    paired = (
        f"{at}:{digits[:at]}{''.join(sorted(digits[at : at + 2]))}{digits[at + 2 :]}"
        for at in range(7)
    )
    return (*masked, *paired)


def year_month(digits: str) -> Encoded:
    """Year and month."""
    return digits[:6]


def month_day(digits: str) -> Encoded:
    """Month and day."""
    return digits[4:]


def year_day(digits: str) -> Encoded:
    """Year and day of the month."""
    return digits[:4] + digits[6:]


def year(digits: str) -> Encoded:
    """The year."""
    return digits[:4]


def outward(postcode: str) -> Encoded:
    """The outward code: all but the last three characters."""
    return postcode[:-3] if len(postcode) >= 5 else None


def sector(postcode: str) -> Encoded:
    """The postcode sector: all but the last two characters."""
    return postcode[:-2] if len(postcode) >= 5 else None


def address_line(address: str) -> Encoded:
    """The whole address in one line."""
    return addresses.one_line(address) or None


def premises(address: str) -> Encoded:
    """Flat, number and street, whatever town follows; the whole line where there is no number."""
    unit, number, street = addresses.parse(address)
    return f"{unit}|{number}|{street}" if number and street else address_line(address)


def house_number(address: str) -> Encoded:
    """Flat and building number together; none where there is no number."""
    unit, number, _ = addresses.parse(address)
    return f"{unit}|{number}" if number else None


def near_street(address: str) -> tuple[str, ...]:
    """The street one edit wide. Numbers are never one edit wide: 12 is not 13.

    Empty where there is no number, because a street name alone is not a household.
    """
    _, number, street = addresses.parse(address)
    return deletions(street) if number and street else ()
