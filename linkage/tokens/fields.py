"""Every token there is, declared once: identifier role -> how it is standardised -> its levels.

Column of a token: `<role>_<level>`, UInt64, or List[UInt64] for a level that is a set.
Levels with the same `key` are made with one key, so that they compare across roles: forename with
surname (names get crossed over), a relative's reference with the relative's own.
"""

from dataclasses import dataclass

from linkage.tokens import addresses, encode, standardise
from linkage.tokens.encode import Column
from linkage.tokens.phonetic import nysiis

OTHER_PREFIX = "other_"
EXACT = "exact"


@dataclass(frozen=True)
class Level:
    """One token of a field: its name, and the form of a standard value it is made from.

    `part` is a part that many values share, as homes do their street: encoded and hashed once.
    """

    name: str
    encode: Column
    is_set: bool = False
    part: Column | None = None


@dataclass(frozen=True)
class Field:
    """One identifier role. `key` names the key family; `in_namespace` binds it to an agency.

    `read` takes standard values apart before they are encoded, once for all levels.
    """

    role: str
    key: str
    standardise: Column
    levels: tuple[Level, ...]
    read: Column = encode.whole
    in_namespace: bool = False
    is_date: bool = False

    def column(self, level: Level) -> str:
        """The name of the token column of one level."""
        return f"{self.role}_{level.name}"


_EXACT = Level(EXACT, encode.whole)
_NAME_LEVELS = (
    _EXACT,
    Level("nickname", encode.nicknames, is_set=True),
    Level("nysiis", nysiis),
    Level("metaphone", encode.metaphones, is_set=True),
    Level("initial", encode.prefix(1)),
    Level("prefix3", encode.prefix(3)),
    Level("prefix4", encode.prefix(4)),
    Level("near", encode.deletions, is_set=True),
)
# Nicknames are forms of forenames; a token nobody compares would only be an attack surface.
_SURNAME_LEVELS = tuple(level for level in _NAME_LEVELS if level.name != "nickname")
_DATE_LEVELS = (
    _EXACT,
    Level("unordered", encode.unordered_date),
    Level("near", encode.near_dates, is_set=True),
    Level("year_month", encode.year_month),
    Level("month_day", encode.month_day),
    Level("year_day", encode.year_day),
    Level("year", encode.year),
)
_POSTCODE_LEVELS = (
    _EXACT,
    Level("near", encode.deletions, is_set=True),
    Level("outward", encode.outward),
    Level("sector", encode.sector),
)
_ADDRESS_LEVELS = (
    Level(EXACT, encode.written_address),
    Level("premises", encode.premises),
    Level("number", encode.whole, part=encode.house_number),
    Level("number_near", encode.near_numbers, is_set=True, part=encode.house_number),
    Level("street_near", encode.deletions, is_set=True, part=encode.street),
)

FIELDS: tuple[Field, ...] = (
    Field("forename", "name", standardise.name, _NAME_LEVELS),
    Field("surname", "name", standardise.name, _SURNAME_LEVELS),
    Field("date_of_birth", "date_of_birth", standardise.birth_date, _DATE_LEVELS, is_date=True),
    Field("sex", "sex", standardise.sex, (_EXACT,)),
    Field("postcode", "postcode", standardise.postcode, _POSTCODE_LEVELS),
    Field("address", "address", standardise.address, _ADDRESS_LEVELS, read=addresses.parse),
    Field("uprn", "uprn", standardise.uprn, (_EXACT,)),
    Field("nhs_number", "nhs_number", standardise.nhs_number, (_EXACT,)),
    Field("nino", "nino", standardise.nino, (_EXACT,)),
    Field("upn", "upn", standardise.upn, (_EXACT,)),
    Field("agency_id", "reference", standardise.agency_reference, (_EXACT,), in_namespace=True),
    Field("guardian_id", "reference", standardise.agency_reference, (_EXACT,), in_namespace=True),
    Field("partner_id", "reference", standardise.agency_reference, (_EXACT,), in_namespace=True),
)


def field_of(column: str) -> Field | None:
    """The declaration of an identifier column; `other_<name>` fields are exact text; else None."""
    for field in FIELDS:
        if field.role == column:
            return field
    if column.startswith(OTHER_PREFIX) and len(column) > len(OTHER_PREFIX):
        return Field(column, column, standardise.exact_text, (_EXACT,))
    return None
