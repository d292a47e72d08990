"""NHS numbers, pupil numbers and NINOs are judged as python-stdnum judges them."""

from __future__ import annotations

import random
from datetime import date

import polars as pl
from stdnum.exceptions import ValidationError
from stdnum.gb import nhs, upn

from agencies.declaration import Column
from agencies.intake.national import read_nhs_number, read_upn
from agencies.intake.reading import Context, Place

CONTEXT = Context("%Y-%m-%d", date(2026, 1, 31))


def _accepted(reader, kind, cells):
    column = Column(header="x", kind=kind, help="x")
    reading = reader(Place(pl.col("cell"), pl.col("parsed")), column, CONTEXT)
    frame = pl.DataFrame({"cell": cells}).with_columns(parsed=reading.parsed)
    return frame.select(~pl.any_horizontal(reading.faults.values())).to_series().to_list()


def _says(validate, number):
    try:
        validate(number)
    except ValidationError:
        return False
    return True


def test_nhs_numbers_agree_with_stdnum():
    chance = random.Random(7)
    numbers = [f"{chance.randrange(10**10):010d}" for _ in range(6000)]
    numbers += ["", "943476591", "94347659190", "943476591a"]
    found = _accepted(read_nhs_number, "nhs_number", numbers)
    assert found == [_says(nhs.validate, number) for number in numbers]
    assert sum(found) > 400


def test_pupil_numbers_agree_with_stdnum():
    chance = random.Random(7)
    letters = "ABCDEFGHJKLMNPQRTUVWXYZ"
    # Stdnum wants a local authority of its list of 2011; authorities have changed since, so intake does not ask.
    bodies = [
        f"855{chance.randrange(10**8):08d}{chance.choice(letters + '0123456789')}"
        for _ in range(3000)
    ]
    numbers = [chance.choice(letters + "IOS") + body for body in bodies]
    numbers += [upn.calc_check_digit("A" + body) + body for body in bodies[:500]]
    found = _accepted(read_upn, "upn", numbers)
    assert found == [_says(upn.validate, number) for number in numbers]
    assert sum(found) > 550
