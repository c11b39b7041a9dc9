"""Clusters of duplicates: records that links join, directly or through others."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components


def clusters(ids: pl.Series, links: pl.DataFrame) -> pl.DataFrame:
    """Every record with its cluster: id, cluster (the smallest id in it), size; in order of cluster and id.

    `ids`: the records in order of their index; `links`: columns i, j of linked indices.
    """
    n = len(ids)
    i, j = links["i"].to_numpy(), links["j"].to_numpy()
    graph = coo_matrix((np.ones(len(i), dtype=np.int8), (i, j)), shape=(n, n))
    _, label = connected_components(graph, directed=False)
    frame = pl.DataFrame({"id": ids, "label": label})
    return (
        frame.with_columns(pl.col("id").min().over("label").alias("cluster"), pl.len().over("label").alias("size"))
        .select("id", "cluster", pl.col("size").cast(pl.Int64))
        .sort("cluster", "id")
    )
