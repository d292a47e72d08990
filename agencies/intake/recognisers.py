"""The fine sieve for references: Presidio with the UK recognisers, named one by one, and some of our own.

In: one note. Out: whether anything was recognised, never what. No language model, no network, and context words are
not looked at (Presidio would log them).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from presidio_analyzer import AnalyzerEngine, Pattern, PatternRecognizer, RecognizerRegistry
from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer
from presidio_analyzer.nlp_engine import NoOpNlpEngine
from presidio_analyzer.predefined_recognizers import (
    NhsRecognizer,
    PhoneRecognizer,
    UkNinoRecognizer,
    UkPostcodeRecognizer,
)

_LANGUAGE: Final = "en"
_STREET: Final = (
    r"\b\d{1,4}[a-z]?,?\s+(?:[A-Z][\w'’]*\s+){1,3}"
    r"(?:street|st|road|rd|lane|ln|avenue|ave|close|drive|dr|way|crescent|court|gardens|grove|place|terrace)\b"
)
# Presidio's telephone recogniser passes over numbers that are not handed out yet; here every UK form counts.
_PHONE: Final = r"(?<!\d)(?:\+44[ .\-]?\(?0?\)?|\(?0)[ .\-]?[1-9](?:[ .\-()]{0,2}\d){8,9}(?!\d)"
# Presidio's own would look the domain up in a list of public suffixes; here whatever is written like an address counts.
_EMAIL: Final = r"[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+"
# The form alone: one with letters that are not handed out (QQ) was still meant to be somebody's number.
_NINO_FORM: Final = r"\b[A-Za-z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-Da-d]\b"
_TITLED: Final = r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Master|MR|MRS|MS|MISS|DR)\.? +[A-Z][\w'’\-]+"
_BIRTH: Final = (
    r"(?:\bd\.?o\.?b\b\.?|\bborn\b|\bbirth\w*)\W{0,3}(?:on\s+|is\s+)?"
    r"(?:\d{1,2}[./\- ]\d{1,2}[./\- ]\d{2,4}|\d{4}-\d{2}-\d{2}|\d{1,2}(?:st|nd|rd|th)?\s+[a-z]{3,9}\s+\d{2,4})"
)


class _NoContext(ContextAwareEnhancer):
    """Leaves scores alone: anything recognised counts, whatever its score."""

    def __init__(self) -> None:
        super().__init__(0.0, 0.0, 0, 0)

    def enhance_using_context(self, text: str, raw_results: Any, *_: Any, **__: Any) -> Any:
        return raw_results


def points_to_someone(note: str) -> bool:
    """Whether Presidio recognises a reference, address, phone, e-mail or date of birth in the note."""
    return bool(_engine().analyze(note, language=_LANGUAGE))


@lru_cache(maxsize=1)
def _engine() -> AnalyzerEngine:
    recognisers = [
        NhsRecognizer(),
        UkNinoRecognizer(),
        UkPostcodeRecognizer(),
        PhoneRecognizer(supported_regions=("GB",)),
        _pattern("UK_PHONE", _PHONE),
        _pattern("UK_STREET_ADDRESS", _STREET),
        _pattern("DATE_OF_BIRTH", _BIRTH),
        _pattern("EMAIL", _EMAIL),
        _pattern("UK_NINO_FORM", _NINO_FORM),
        _pattern("TITLED_NAME", _TITLED),
    ]
    registry = RecognizerRegistry(recognizers=recognisers, supported_languages=[_LANGUAGE])
    return AnalyzerEngine(
        registry=registry,
        nlp_engine=NoOpNlpEngine([{"lang_code": _LANGUAGE, "model_name": ""}]),
        supported_languages=[_LANGUAGE],
        context_aware_enhancer=_NoContext(),
    )


def _pattern(entity: str, regex: str) -> PatternRecognizer:
    return PatternRecognizer(
        supported_entity=entity,
        patterns=[Pattern(entity, regex, 0.5)],
        supported_language=_LANGUAGE,
    )
