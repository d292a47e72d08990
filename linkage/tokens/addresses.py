"""Addresses: flat, number and street parsed from a standard address.

Goes in: a standard address ('FLAT 2, 14 HIGH ST., MELTON MOWBRAY'). Comes out: its parts, with
street words written out. An address that does not parse keeps its words as the street.
"""

import re
from typing import NamedTuple

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
_STREET_ENDS = frozenset(_ENDS.split())
# '2/14 High Street' is flat 2 of number 14.
_SLASH = re.compile(r"^\s*([0-9]+[A-Z]?)\s*/\s*(?=[0-9])")
_BETWEEN_WORDS = re.compile(r"[^0-9A-Z,\-]+")
_UNITS = ("FLAT", "ROOM", "STUDIO")
_UNIT = re.compile(rf"\b(?:{'|'.join(_UNITS)})\s+([0-9]+[A-Z]?|[A-Z])\b")
_NUMBER = re.compile(r"\b([0-9]+)\s*(?:-\s*[0-9]+)?\s*([A-Z]?)\b")


class Address(NamedTuple):
    """The parts of one address; '' for a part that is not there."""

    unit: str
    number: str
    street: str


class StandardAddress(str):
    """A standard address that is read once, however many tokens are made of it."""

    __slots__ = ("line", "parts")

    line: str
    parts: Address

    def __new__(cls, address: str) -> "StandardAddress":
        made = super().__new__(cls, address)
        words = _write_out(address)
        made.line = _one_line(words)
        made.parts = _parse(_write_out(_flat_first(address)) if "/" in address else words)
        return made


def read(address: str) -> StandardAddress:
    """A standard address with its line and its parts."""
    return address if isinstance(address, StandardAddress) else StandardAddress(address)


def parse(address: str) -> Address:
    """Split a standard address into flat, building number (or name) and street."""
    return read(address).parts


def one_line(address: str) -> str:
    """The whole address as single-spaced words, street words written out."""
    return read(address).line


def _flat_first(address: str) -> str:
    return _SLASH.sub(r"FLAT \1, ", address)


def _parse(words: list[str]) -> Address:
    text = " ".join(words)
    # Few addresses have a unit, and the search for one is slow.
    unit, text = _take(_UNIT, text) if any(word in text for word in _UNITS) else ("", text)
    number, text = _take(_NUMBER, text)
    parts = [" ".join(part.split()) for part in text.split(",")]
    return Address(unit, number, _street([part for part in parts if part]))


def _one_line(words: list[str]) -> str:
    return " ".join([word for word in words if word != ","])


def _write_out(address: str) -> list[str]:
    spaced = _BETWEEN_WORDS.sub(" ", address).replace(",", " , ")
    # 'ST' at the start of a part is a saint, elsewhere a street.
    words: list[str] = []
    for word in spaced.split():
        saint = word == "ST" and (not words or words[-1] == "," or words[-1][0].isdigit())
        words.append(word if saint else STREET_WORDS.get(word, word))
    return words


def _take(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    found = pattern.search(text)
    if found is None:
        return "", text
    taken = "".join(group for group in found.groups() if group)
    return taken, text[: found.start()] + " " + text[found.end() :]


def _street(parts: list[str]) -> str:
    """The part that ends like a street, else the first part left."""
    for part in parts:
        words = part.split()
        for at, word in enumerate(words):
            if at and word in _STREET_ENDS:
                return "".join(words[: at + 1])
    return parts[0].replace(" ", "") if parts else ""
