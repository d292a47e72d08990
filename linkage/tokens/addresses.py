"""Addresses: flat, number and street parsed from a standard address.

Goes in: a column of standard addresses ('FLAT 2, 14 HIGH ST., MELTON MOWBRAY'). Comes out: a column
of their parts, with street words written out. An address that does not parse keeps its words as the
street.
"""

import polars as pl

STREET_WORDS = {
    "ST": "STREET", "STR": "STREET", "RD": "ROAD", "AV": "AVENUE", "AVE": "AVENUE", "LN": "LANE",
    "DR": "DRIVE", "CL": "CLOSE", "CLO": "CLOSE", "CT": "COURT", "CRT": "COURT", "CR": "CRESCENT",
    "CRES": "CRESCENT", "GDNS": "GARDENS", "GDN": "GARDENS", "GR": "GROVE", "GRO": "GROVE",
    "PL": "PLACE", "SQ": "SQUARE", "TER": "TERRACE", "TERR": "TERRACE", "WK": "WALK", "WY": "WAY",
    "PK": "PARK", "HSE": "HOUSE", "LDG": "LODGE", "MT": "MOUNT", "NTH": "NORTH", "STH": "SOUTH",
    "APT": "FLAT", "APARTMENT": "FLAT", "UNIT": "FLAT", "FLT": "FLAT",
}  # fmt: skip
_ENDS = """
    STREET ROAD AVENUE LANE DRIVE CLOSE COURT CRESCENT GARDENS GROVE PLACE SQUARE TERRACE WALK
    WAY PARK RISE HILL MEWS VIEW ROW GREEN MOUNT CHASE YARD WHARF PARADE CIRCUIT
"""
# '2/14 High Street' is flat 2 of number 14.
_FLAT_BEFORE_SLASH = r"^\s*([0-9]+[A-Z]?)\s*/\s*([0-9])"
# 'ST' at the start of a part is a saint, elsewhere a street; an underscore keeps a saint apart.
_SAINT = r"(^|, |\b[0-9][0-9A-Z\-]* )ST( |$)"
_UNIT = r"\b(?:FLAT|ROOM|STUDIO)\s+([0-9]+[A-Z]?|[A-Z])\b"
_NUMBER = r"\b([0-9]+)\s*(?:-\s*[0-9]+)?\s*([A-Z]?)\b"
# The part that ends like a street, up to that word, which is never its first.
_STREET = rf"(?:^|,)\s*([^,\s]+(?:\s+[^,\s]+)*?\s+(?:{'|'.join(_ENDS.split())}))(?:[\s,]|$)"
_FIRST_PART = r"([^,\s][^,]*)"


def parse(address: pl.Series) -> pl.Series:
    """Structs of `written`, `unit`, `number`, `street` (String; '' for a part that is not there).

    `written` is the whole address, words written out, from which the other parts follow; `street`
    has no spaces.
    """
    written = _written_out(address.str.replace(_FLAT_BEFORE_SLASH, "FLAT $1, $2"))
    unit = written.str.extract(_UNIT).fill_null("")
    text = written.str.replace(_UNIT, " ")
    number = text.str.extract_groups(_NUMBER).struct.unnest()
    return pl.DataFrame(
        {
            "written": written,
            "unit": unit,
            "number": number.select(pl.concat_str(pl.all())).to_series().fill_null(""),
            "street": _street(text.str.replace(_NUMBER, " ")),
        }
    ).to_struct("address")


def line(written: pl.Series) -> pl.Series:
    """Whole addresses as single-spaced words, without their commas."""
    return _single_spaced(written.str.replace_all(",", " ", literal=True))


def _written_out(address: pl.Series) -> pl.Series:
    spaced = address.str.replace_all(r"[^\p{L}\p{N},\-]+", " ").str.replace_all(",", " , ")
    marked = _single_spaced(spaced).str.replace_all(_SAINT, "${1}_ST${2}")
    words = marked.str.split(" ").list.eval(pl.element().replace(STREET_WORDS))
    return words.list.join(" ").str.replace_all("_", "", literal=True)


def _street(text: pl.Series) -> pl.Series:
    """The part that ends like a street, else the first part left."""
    found = text.str.extract(_STREET)
    missing = found.is_null()
    if missing.any():
        found = found.zip_with(~missing, text.str.extract(_FIRST_PART))
    return found.str.replace_all(r"\s+", "").fill_null("")


def _single_spaced(text: pl.Series) -> pl.Series:
    return text.str.replace_all(r"\s+", " ").str.strip_chars()
