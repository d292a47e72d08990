"""A synthetic county: families, what they need, what six agencies recorded of them, and the truth about it.

In: a `CountyConfig` (a seed and rates). Out: `make_county(config)`: extracts as agencies would send them, with errors at
stated rates, and apart from them the truth. Nobody in it is real. Never: real data as a source of people or addresses.
"""

from __future__ import annotations

from agencies.county.config import CountyConfig, CountyTooSmall, ErrorRates, HomeRates, Programme
from agencies.county.county import County, ExtractFile, make_county
from agencies.county.extracts import Extract

__all__ = [
    "County",
    "CountyConfig",
    "CountyTooSmall",
    "ErrorRates",
    "Extract",
    "ExtractFile",
    "HomeRates",
    "Programme",
    "make_county",
]
