"""NYSIIS: how an English surname sounds, as a short code (Taft 1970, first published form).

A column of standard names (capital letters) goes in, their codes at full length come out, null for a
name without A to Z. Each step of the method is taken by all names at once.
"""

from string import ascii_uppercase

import polars as pl

# Pattern and what stands instead, in this order.
_STARTS_AND_ENDS = (
    ("^MAC", "MCC"),
    ("^KN", "NN"),
    ("^K", "C"),
    ("^P[HF]", "FF"),
    ("^SCH", "SSS"),
    ("(.)[EI]E$", "${1}Y"),
    ("(.)(?:[DRN]T|[RN]D)$", "${1}D"),
)
_TOGETHER = (("EV", "AF"), ("KN", "N"), ("SCH", "SSS"), ("PH", "FF"))
_ALONE = dict(zip("EIOUQZMK", "AAAAGSNC", strict=True))
# An H is spoken between two vowels (it is "h", then "-" meanwhile), a W where no vowel is before it.
_SPOKEN = (("HA", "hA"), ("A[HW]+", "A"), ("Ah", "A-"), ("[Hh]", ""), ("-", "H"))
_REPEATED = "|".join(f"({letter}){letter}+" for letter in ascii_uppercase)
_ONCE = "".join(f"${{{group}}}" for group in range(1, len(ascii_uppercase) + 1))
_TRIMMED = (("(.)S$", "${1}"), ("(.)AY$", "${1}Y"), ("(.)A$", "${1}"))


def nysiis(names: pl.Series) -> pl.Series:
    """The NYSIIS codes of standard names."""
    return names.to_frame("name").select(_code(pl.col("name"))).to_series()


def _code(name: pl.Expr) -> pl.Expr:
    written = _replaced(name.str.replace_all("[^A-Z]", ""), _STARTS_AND_ENDS)
    first, rest = written.str.slice(0, 1), written.str.slice(1)
    for together, sound in _TOGETHER:
        rest = rest.str.replace_all(together, sound, literal=True)
    # The first letter is kept as it is, and what follows knows only whether it is a vowel.
    beginning = pl.when(first.is_in(list("AEIOU"))).then(pl.lit("A")).otherwise(pl.lit("."))
    spoken = _replaced(beginning + rest.str.replace_many(_ALONE), _SPOKEN).str.slice(1)
    code = (first + spoken).str.replace_all(_REPEATED, _ONCE)
    return _replaced(code, _TRIMMED).replace("", None)


def _replaced(values: pl.Expr, patterns: tuple[tuple[str, str], ...]) -> pl.Expr:
    for pattern, instead in patterns:
        values = values.str.replace_all(pattern, instead)
    return values
