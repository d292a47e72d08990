"""Noise of OpenDP (extra `dp`): discrete Laplace for L1, discrete Gaussian for L2. In: counts, sensitivity, loss. Out: noisy counts.

The only place that knows OpenDP. Its samplers are exact on whole numbers (Canonne, Kamath & Steinke 2020) and have no seed:
no call gives the same noise again. Scales are found by OpenDP's own privacy map, never by a formula of ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from math import inf, nextafter, sqrt
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.rules import FLOORS

from .account import BILLION, Cost

# A budget for few tables may allow less noise than the house wants between two counts that differ by few families.
LEAST_SD = FLOORS["noise_sd"]
# A float just below the budget, so that no rounding lets a table cost more than it was charged.
_BELOW = 1 - 1e-12


class DpMissing(Unprotectable):
    """The extra for differential privacy is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "method",
            "not_installed",
            "differential privacy needs OpenDP: pip install 'families-data-gateway[dp]'",
        )


@dataclass(frozen=True)
class Noise:
    """A measurement that is ready to add noise; `name` and `scale` say which (scale: see OpenDP)."""

    name: str
    scale: float
    measurement: Any

    def add(self, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """The counts with fresh noise, of the same shape; may be negative."""
        noisy = self.measurement(counts.ravel().tolist())
        return np.array(noisy, dtype=np.int64).reshape(counts.shape)


@dataclass(frozen=True)
class Maker:
    """A kind of noise: its name in words, OpenDP's function, the least scale."""

    name: str
    function: str
    least_scale: float


def noise_for(cells_of_a_family: int, cost: Cost) -> Noise:
    """Noise of the given loss, or of less where the house wants more noise, for counts of which one family changes at most so
    many, each by one.

    Raises `DpMissing`, or `Unprotectable` where OpenDP finds no scale.
    """
    most = cost.billionths / BILLION * _BELOW
    if cost.loss == "epsilon":
        # The standard deviation of Laplace noise is sqrt(2) times its scale.
        made = Maker("discrete Laplace", "make_laplace", LEAST_SD / sqrt(2))
        return _calibrated(made, _l1(), cells_of_a_family, most)
    distance = nextafter(sqrt(cells_of_a_family), inf)
    return _calibrated(Maker("discrete Gaussian", "make_gaussian", LEAST_SD), _l2(), distance, most)


@lru_cache(maxsize=64)
def rho_within(epsilon: float, delta: float) -> float:
    """The largest rho whose zero-concentrated privacy implies (epsilon, delta). Raises `DpMissing`."""
    dp = _opendp()

    def made(scale: float) -> Any:
        gaussian = dp.m.make_gaussian(*_l2(), scale=scale)
        return dp.c.make_fix_delta(dp.c.make_zCDP_to_approxDP(gaussian), delta)

    scale = dp.binary_search_param(made, d_in=1.0, d_out=(epsilon, delta), T=float)
    return float(dp.m.make_gaussian(*_l2(), scale=scale).map(1.0))


def _calibrated(maker: Maker, space: tuple[Any, Any], distance: float, most: float) -> Noise:
    dp = _opendp()
    make = getattr(dp.m, maker.function)
    scale = dp.binary_search_param(
        lambda scale: make(*space, scale=scale), d_in=distance, d_out=most, T=float
    )
    scale = max(float(scale), maker.least_scale)
    measurement = make(*space, scale=scale)
    if not measurement.map(distance) <= most:
        raise Unprotectable("method", "privacy_map", "no noise keeps to the cost of this table")
    return Noise(maker.name, scale, measurement)


def _l1() -> tuple[Any, Any]:
    dp = _opendp()
    return dp.vector_domain(dp.atom_domain(T="i64")), dp.l1_distance(T="i64")


def _l2() -> tuple[Any, Any]:
    dp = _opendp()
    return dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T="f64")


def _opendp() -> ModuleType:
    if find_spec("opendp") is None:
        raise DpMissing
    import opendp.prelude as dp

    # OpenDP calls what its own committee has not proved "contrib"; the proofs of both mechanisms are published with it.
    dp.enable_features("contrib")
    return dp
