"""NYSIIS: how an English surname sounds, as a short code (Taft 1970, first published form).

A standard name (capital letters) goes in, its code comes out; '' for a name without A to Z.
"""

import re

_STARTS = (("MAC", "MCC"), ("KN", "NN"), ("K", "C"), ("PH", "FF"), ("PF", "FF"), ("SCH", "SSS"))
_ENDS = (("EE", "Y"), ("IE", "Y"), ("DT", "D"), ("RT", "D"), ("RD", "D"), ("NT", "D"), ("ND", "D"))
_VOWELS = frozenset("AEIOU")
_TOGETHER = {
    "E": (("EV", "AF"),),
    "K": (("KN", "N"),),
    "S": (("SCH", "SSS"),),
    "P": (("PH", "FF"),),
}
_NOT_A_LETTER = re.compile(r"[^A-Z]")
_LETTERS = {"Q": "G", "Z": "S", "M": "N", "K": "C"}


def nysiis(name: str) -> str:
    """The NYSIIS code of a standard name, at its full length."""
    letters = _NOT_A_LETTER.sub("", name)
    if not letters:
        return ""
    letters = _replace_end(_replace_start(letters))
    before = code = letters[0]
    at = 1
    while at < len(letters):
        sound, taken = _sound(letters, at, before)
        for spoken in sound:
            if spoken != before:
                code += spoken
            before = spoken
        at += taken
    return _trim(code)


def _replace_start(letters: str) -> str:
    for start, instead in _STARTS:
        if letters.startswith(start):
            return instead + letters[len(start) :]
    return letters


def _replace_end(letters: str) -> str:
    for end, instead in _ENDS:
        if letters.endswith(end) and len(letters) > len(end):
            return letters[: -len(end)] + instead
    return letters


def _sound(letters: str, at: int, before: str) -> tuple[str, int]:
    """What the letters at a position become after the sound before, and how many of them it takes."""
    letter = letters[at]
    for written, spoken in _TOGETHER.get(letter, ()):
        if letters.startswith(written, at):
            return spoken, len(written)
    if letter in _VOWELS:
        return "A", 1
    if letter == "H" and not (before in _VOWELS and letters[at + 1 : at + 2] in _VOWELS):
        return before, 1
    if letter == "W" and before in _VOWELS:
        return before, 1
    return _LETTERS.get(letter, letter), 1


def _trim(code: str) -> str:
    if len(code) > 1 and code.endswith("S"):
        code = code[:-1]
    if len(code) > 2 and code.endswith("AY"):
        code = code[:-2] + "Y"
    if len(code) > 1 and code.endswith("A"):
        code = code[:-1]
    return code
