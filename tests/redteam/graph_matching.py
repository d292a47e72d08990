"""The graph-matching attack: who resembles whom is a graph, and graphs of the same people have the same shape.

Source: Culnane, Rubinstein and Teague, "Vulnerabilities in the use of similarity tables in combination with pseudonymisation"
(2017); Vidanage, Christen, Ranbaduge and Schnell, "A Graph Matching Attack on Privacy-Preserving Record Linkage" (CIKM
2020). In: a graph of pseudonyms and one of public names. Out: a name for each pseudonym, from features of nodes first, then
from the neighbours that have been matched. No key is used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array

from tests.redteam.profiles import Floats

# Whatever more than so many share (a sex, a district) says of nobody whom they resemble.
MOST_SHARERS = 60
ROUNDS = 8
# What a pair of matched neighbours counts beside one deviation of a feature.
WEIGHT = 4.0


@dataclass(frozen=True)
class Graph:
    """Nodes, how often each stands, and who shares something with whom: one set of edges for each kind of sharing."""

    nodes: tuple[object, ...]
    counts: Floats
    relations: tuple[csr_array, ...]

    @property
    def features(self) -> Floats:
        """Frequency, and by relation: degree, the neighbours' degrees and frequencies, nodes two steps away, triangles."""
        often = self.counts / self.counts.mean()
        columns = [often]
        for edges in self.relations:
            degree, two_steps = _degree(edges), edges @ edges
            columns += [
                *(degree, edges @ degree / np.maximum(degree, 1), edges @ often),
                *(
                    np.asarray(each.sum(axis=1)).ravel()
                    for each in (two_steps > 0, two_steps * edges)
                ),
            ]
        return np.log1p(np.column_stack(columns))


def graph_of(table: pl.DataFrame, node: str, *shared: str) -> Graph:
    """Values of one column, joined where they share a value (or a member of a set) of another."""
    counts = table.drop_nulls(node).group_by(node).len().sort("len", node, descending=True)
    numbered = table.join(counts.select(node).with_row_index("#number"), on=node)
    return Graph(
        tuple(counts[node].to_list()),
        counts["len"].to_numpy().astype(float),
        tuple(_edges(numbered, column, len(counts)) for column in shared),
    )


def _edges(numbered: pl.DataFrame, shared: str, nodes: int) -> csr_array:
    said = numbered.select("#number", pl.col(shared).alias("#shared")).drop_nulls()
    if isinstance(said.schema["#shared"], pl.List):
        said = said.explode("#shared")
    members = said.unique().filter(pl.len().over("#shared").is_between(2, MOST_SHARERS))
    pairs = members.join(members, on="#shared").filter(pl.col("#number") != pl.col("#number_right"))
    left, right = (pairs[c].to_numpy() for c in ("#number", "#number_right"))
    edges = csr_array((np.ones(len(pairs)), (left, right)), shape=(nodes, nodes))
    edges.data[:] = 1.0
    return edges


def match(encoded: Graph, public: Graph, names: dict[object, str]) -> dict[object, str]:
    """A guess for each node of `encoded`; `names` says what each node of `public` is called."""
    scale = np.maximum(public.features.std(axis=0), 1e-9)
    ours, theirs = encoded.features / scale, public.features / scale
    apart = ((ours[:, None] - theirs[None]) ** 2).mean(axis=-1)
    found = linear_sum_assignment(apart)
    for _ in range(ROUNDS):
        found = linear_sum_assignment(apart - WEIGHT * _agreement(encoded, public, *found))
    return {
        encoded.nodes[i]: names[public.nodes[j]]
        for i, j in zip(*found, strict=True)
        if public.nodes[j] in names
    }


def _agreement(encoded: Graph, public: Graph, ours: Floats, theirs: Floats) -> Floats:
    """For each pair of nodes the share of their neighbours that are matched with one another, over all relations."""
    size = (len(encoded.nodes), len(public.nodes))
    matched = csr_array((np.ones(len(ours)), (ours, theirs)), shape=size)
    total = np.zeros(size)
    for left, right in zip(encoded.relations, public.relations, strict=True):
        together = (left @ matched @ right).toarray()
        total += together / (1.0 + np.maximum(_degree(left)[:, None], _degree(right)[None]))
    return total


def _degree(edges: csr_array) -> Floats:
    return np.asarray(edges.sum(axis=1)).ravel()
