"""Which reader reads which kind of column. A kind without a reader does not exist (a test holds this)."""

from __future__ import annotations

from typing import Final

from agencies.declaration import Kind
from agencies.intake import codes, dates, national, numbers, wording
from agencies.intake.reading import Reader

READERS: Final[dict[Kind, Reader]] = {
    "id": wording.read_id,
    "name": wording.read_name,
    "address": wording.read_address,
    "text": wording.read_text,
    "free_text": wording.read_free_text,
    "date": dates.read_date,
    "code": codes.read_code,
    "sex": codes.read_sex,
    "yes_no": codes.read_yes_no,
    "integer": numbers.read_integer,
    "number": numbers.read_number,
    "money_gbp": numbers.read_money,
    "postcode": national.read_postcode,
    "uprn": national.read_uprn,
    "nhs_number": national.read_nhs_number,
    "nino": national.read_nino,
    "upn": national.read_upn,
}
