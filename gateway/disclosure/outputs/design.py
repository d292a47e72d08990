"""The design of a regression: which columns explain which outcome. In: a registered `Design` and a frame. Out: the model matrix.

A design is registered beforehand under a name; nobody writes one into a question. Every category of a factor is declared; the first is
what the others are compared with.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.tables import Dimension
from gateway.disclosure.threshold import Flags

from .contributions import Codes, Contributions, require_dimensions

CONSTANT = "(constant)"


@dataclass(frozen=True)
class Design:
    """A registered regression. `outcome`: a column of perturbed pence ("gbp"), or of numbers or counts ("number").

    `interactions` name pairs of factors. `numbers`: columns that enter as they are. `name` carries its version: `cost@1`.
    """

    name: str
    outcome: str
    factors: tuple[Dimension, ...] = ()
    numbers: tuple[str, ...] = ()
    interactions: tuple[tuple[str, str], ...] = ()
    unit: Literal["gbp", "number"] = "gbp"

    def __post_init__(self) -> None:
        """Raises `Unprotectable` for a design that names a column twice, a factor of one category, an unknown interaction."""
        require_dimensions(self.factors)
        names = [f.name for f in self.factors]
        columns = [self.outcome, *names, *self.numbers]
        if not (self.factors or self.numbers) or len(set(columns)) != len(columns):
            raise Unprotectable("design", "columns", "none explains, or one stands twice")
        if any(len(f.categories) < 2 for f in self.factors):
            raise Unprotectable("design", "categories", "a factor needs two categories")
        pairs = [frozenset(pair) for pair in self.interactions]
        known = all(len(pair) == 2 and pair <= set(names) for pair in pairs)
        if not known or len(set(pairs)) != len(pairs) or self.unit not in ("gbp", "number"):
            raise Unprotectable("design", "interactions", "pairs of two factors, each once")

    @property
    def digest(self) -> str:
        """SHA-256 of the whole design: another design draws other noise."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    @property
    def parameters(self) -> int:
        """Coefficients, the constant among them."""
        several = {f.name: len(f.categories) - 1 for f in self.factors}
        crossed = sum(several[a] * several[b] for a, b in self.interactions)
        return 1 + sum(several.values()) + crossed + len(self.numbers)

    @property
    def is_saturated(self) -> bool:
        """Whether it has a coefficient for every combination of its factors: its answer is then a table of means."""
        combinations = int(np.prod([len(f.categories) for f in self.factors], dtype=np.int64))
        return not self.numbers and self.parameters >= combinations


def difference_in_differences(
    name: str,
    outcome: str,
    treated: Dimension,
    after: Dimension,
    *further: Dimension,
    numbers: tuple[str, ...] = (),
) -> Design:
    """The design whose effect is `treated:after`; it needs a further factor or number, otherwise it is a table of four means."""
    return Design(name, outcome, (treated, after, *further), numbers, ((treated.name, after.name),))


def registered(name: object, register: Mapping[str, Design]) -> Design:
    """The design of that name. Raises `Unprotectable` for any other: a design of one's own can single a family out."""
    if not isinstance(name, str) or name not in register or register[name].name != name:
        raise Unprotectable("design", "unregistered", "only registered designs are run")
    return register[name]


@dataclass(frozen=True)
class Term:
    """One column of the model matrix: its name, its values, and the rows whose level or cell it stands for."""

    name: str
    values: NDArray[np.float64]
    stands_for: Flags


@dataclass(frozen=True)
class Matrix:
    """The model matrix of a frame, and every level and interaction cell (rows in it) that the threshold is asked of."""

    terms: tuple[Term, ...]
    levels: tuple[Flags, ...]

    @property
    def values(self) -> NDArray[np.float64]:
        """Rows x terms."""
        return np.column_stack([term.values for term in self.terms])


def model_matrix(design: Design, rows: Contributions) -> Matrix:
    """The constant, each level but the first, each interaction of such levels, each number."""
    many = len(rows.family)
    codes = {f.name: rows.codes(f) for f in design.factors}
    factors = {f.name: f for f in design.factors}
    everyone = np.ones(many, dtype=np.bool_)
    terms = [Term(CONSTANT, np.ones(many), everyone)]
    levels: list[Flags] = []
    for name, factor in factors.items():
        for i, category in enumerate(factor.categories):
            within: Flags = codes[name] == i
            levels.append(within)
            if i:
                terms.append(Term(f"{name}={category}", within.astype(np.float64), within))
    for pair in design.interactions:
        for label, within, is_term in _crossed(factors[pair[0]], factors[pair[1]], codes):
            levels.append(within)
            if is_term:
                terms.append(Term(label, within.astype(np.float64), within))
    terms += [Term(n, rows.numbers(n), everyone) for n in design.numbers]
    return Matrix(tuple(terms), tuple(levels))


def _crossed(
    one: Dimension, two: Dimension, codes: Mapping[str, Codes]
) -> Iterator[tuple[str, Flags, bool]]:
    for (i, first), (j, second) in product(enumerate(one.categories), enumerate(two.categories)):
        within: Flags = (codes[one.name] == i) & (codes[two.name] == j)
        yield f"{one.name}={first}:{two.name}={second}", within, bool(i and j)
