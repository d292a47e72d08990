"""The seven districts: their share of the county's families and three indices of deprivation.

In: nothing. Out: `DISTRICTS` and the extrapolation from mapped districts to the county.
The indices are made up; they are set so that the mapped districts give the published low, median and high estimates.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class District:
    """One district; an index is the relative rate of need, 1 for the county's average."""

    name: str
    title: str
    share: float
    index_low: float
    index_median: float
    index_high: float
    index_at_risk_low: float
    outward: tuple[str, ...]
    towns: tuple[str, ...]


# Outward codes LE70 to LE79 have the right form and are not in use.
DISTRICTS: tuple[District, ...] = (
    District(
        "blaby",
        "Blaby",
        0.145,
        0.80,
        0.85,
        0.95,
        0.83,
        ("LE70",),
        ("Blaby", "Enderby", "Whetstone"),
    ),
    District(
        "charnwood",
        "Charnwood",
        0.255,
        1.00,
        1.15,
        1.10,
        1.14,
        ("LE71", "LE72"),
        ("Loughborough", "Shepshed", "Syston"),
    ),
    District(
        "harborough",
        "Harborough",
        0.135,
        0.75,
        0.60,
        0.70,
        0.62,
        ("LE73",),
        ("Market Harborough", "Lutterworth"),
    ),
    District(
        "hinckley_bosworth",
        "Hinckley and Bosworth",
        0.162,
        1.30,
        1.00,
        0.83,
        1.10,
        ("LE74", "LE75"),
        ("Hinckley", "Earl Shilton", "Market Bosworth"),
    ),
    District("melton", "Melton", 0.075, 1.50, 1.05, 0.88, 1.15, ("LE76",), ("Melton Mowbray",)),
    District(
        "north_west",
        "North West Leicestershire",
        0.155,
        1.05,
        1.25,
        1.40,
        1.20,
        ("LE77", "LE78"),
        ("Coalville", "Ashby", "Ibstock"),
    ),
    District(
        "oadby_wigston",
        "Oadby and Wigston",
        0.073,
        0.65,
        0.90,
        0.95,
        0.86,
        ("LE79",),
        ("Oadby", "Wigston"),
    ),
)
NAMES: tuple[str, ...] = tuple(district.name for district in DISTRICTS)
MAPPED: tuple[str, ...] = ("melton", "hinckley_bosworth")


def extrapolate(mapped_families: int, index: str) -> float:
    """Families in the county, from those counted in the mapped districts, weighted by one index.

    `index` names a field of `District`: index_low, index_median, index_high or index_at_risk_low.
    """
    weight = {d.name: d.share * float(getattr(d, index)) for d in DISTRICTS}
    return mapped_families * sum(weight.values()) / sum(weight[name] for name in MAPPED)
