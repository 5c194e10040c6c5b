"""Splits that keep together what belongs together: source, generator and speaker."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from sklearn.model_selection import StratifiedGroupKFold

from training.learning.table import UNKNOWN

LINKS = ("source_repo", "generator", "speaker")
Indices = NDArray[np.intp]


def connected_groups(rows: pd.DataFrame, links: tuple[str, ...] = LINKS) -> Indices:
    """Number the sets of rows that no named source, generator or speaker connects.

    Returns
    -------
    ndarray of shape (n,)
        Group of each row. An unknown value connects nothing.
    """
    n = len(rows)
    row_of, node_of, nodes = [], [], 0
    for link in links:
        names, place = np.unique(rows[link].to_numpy(dtype=str), return_inverse=True)
        known = ~np.isin(names, list(UNKNOWN))[place]
        row_of.append(np.flatnonzero(known))
        node_of.append(n + nodes + place[known])
        nodes += len(names)
    pairs = (np.concatenate(row_of), np.concatenate(node_of))
    graph = coo_matrix((np.ones(len(pairs[0])), pairs), shape=(n + nodes, n + nodes))
    _, component = connected_components(graph, directed=False)
    return np.unique(component[:n], return_inverse=True)[1]


def purged_folds(
    rows: pd.DataFrame, candidates: NDArray[np.bool_], *, n_splits: int = 5, seed: int = 0
) -> Iterator[tuple[Indices, Indices]]:
    """Cross-validation over sources, where training shares nothing with the held-out rows.

    Popular generators and speakers tie most sources into one connected group, which no fold could
    split. So folds are made of whole sources, and from each fold's training rows are dropped all
    that share a named generator or speaker with what is held out. A data set in which every speaker
    is heard from every generator has no such folds: a link is left in place where cutting it would
    leave a class nothing to train on. With fewer sources than folds, clips stand for sources.

    Parameters
    ----------
    rows : DataFrame
        With ``label``, ``clip`` and `LINKS`.
    candidates : ndarray of bool, shape (n,)
        Rows that may be held out; the others only ever train.

    Yields
    ------
    train, held_out : ndarray of indices
    """
    places = np.flatnonzero(candidates)
    every_label = rows["label"].to_numpy(dtype=str)
    labels = every_label[places]
    sources = rows["source_repo"].to_numpy(dtype=str)[places]
    if len(np.unique(sources)) < n_splits:
        sources = rows["clip"].to_numpy(dtype=str)[places]
    folds = StratifiedGroupKFold(n_splits, shuffle=True, random_state=seed)
    for _, chosen in folds.split(places, labels, sources):
        held_out = places[chosen]
        shared = np.zeros(len(rows), dtype=bool)
        shared[held_out] = True
        for link in LINKS:
            values = rows[link].to_numpy(dtype=str)
            names = set(values[held_out]) - UNKNOWN
            cut = shared | np.isin(values, list(names))
            if len(np.unique(every_label[~cut])) == len(np.unique(every_label)):
                shared = cut
        yield np.flatnonzero(~shared), held_out
