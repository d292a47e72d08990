"""Connected components: which nodes hang together by edges, directly or through others."""

import polars as pl


def components(nodes: pl.Series, edges: pl.DataFrame) -> pl.DataFrame:
    """The component of each node.

    Args:
        nodes: distinct node numbers.
        edges: two columns of node numbers; every one of them is in `nodes`.

    Returns:
        node, component; a component is named by its smallest node, so names are stable.
    """
    import numpy as np
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    listed = nodes.sort()
    ends = [listed.search_sorted(edges[column]).to_numpy() for column in edges.columns[:2]]
    size = len(listed)
    graph = coo_array((np.ones(edges.height, dtype=np.int8), tuple(ends)), shape=(size, size))
    _, labels = connected_components(graph, directed=False)
    return pl.DataFrame({"node": listed, "label": labels}).select(
        "node", pl.col("node").min().over("label").alias("component")
    )


def joined_by_keys(keys: pl.DataFrame) -> pl.DataFrame:
    """Edges between nodes that share a key: from the first holder of each key to every other.

    Args:
        keys: node, key.

    Returns:
        left, right.
    """
    return (
        keys.select(pl.col("node").min().over("key").alias("left"), pl.col("node").alias("right"))
        .filter(pl.col("left") != pl.col("right"))
        .unique()
    )
