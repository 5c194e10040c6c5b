"""Describing a labelled table before anybody trains on it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.inspection import permutation_importance
from sklearn.model_selection import train_test_split

from training.learning.comparison import cautions
from training.learning.feature_csv import LabelledColumns
from training.learning.metrics import auc

PAIRS_NAMED = 10


@dataclass(frozen=True)
class Description:
    """What `describe` found.

    Attributes
    ----------
    balance : dict
        REAL and FAKE to their number of rows.
    columns : DataFrame
        One row a column: missing, mean, std, min, median, max, ``auc`` (of the column alone as a
        score for FAKE; 0.5 tells nothing, 0 as much as 1) and ``importance`` (accuracy that a
        random forest loses on rows it has not seen when the column is shuffled).
    correlations : DataFrame
        Pearson's r of every pair of columns.
    cautions : list of str
    """

    balance: dict[str, int]
    columns: pd.DataFrame
    correlations: pd.DataFrame
    cautions: list[str]

    def strongest_pairs(self) -> list[tuple[str, str, float]]:
        """Pairs of columns that correlate most, whichever way."""
        r = self.correlations
        first, second = np.triu_indices(len(r), 1)
        values = r.to_numpy()[first, second]
        order = np.argsort(-np.nan_to_num(np.abs(values)))[:PAIRS_NAMED]
        return [(r.index[first[k]], r.index[second[k]], float(values[k])) for k in order]


def describe(table: LabelledColumns, *, seed: int = 1) -> Description:
    """Describe a table; correlations and importances are of the rows without a gap.

    Raises
    ------
    ValueError
        Too few rows are without a gap to say anything of a class.
    """
    columns = table.columns.replace([np.inf, -np.inf], np.nan)
    whole = columns.notna().all(axis=1).to_numpy()
    values, fake = columns[whole], table.fake[whole]
    if min(int((fake == label).sum()) for label in (0, 1)) < 10:
        raise ValueError("fewer than 10 rows of a class have all their values")
    train, held_out, fake_train, fake_held_out = train_test_split(
        values.to_numpy(), fake, test_size=1 / 3, random_state=seed, stratify=fake
    )
    forest = RandomForestClassifier(100, random_state=seed).fit(train, fake_train)
    shuffled = permutation_importance(
        forest, held_out, fake_held_out, n_repeats=3, random_state=seed
    )
    return Description(
        balance={
            "REAL": int((table.fake == 0).sum()),
            "FAKE": int((table.fake == 1).sum()),
        },
        columns=pd.DataFrame(
            {
                "missing": table.missing,
                "mean": columns.mean(),
                "std": columns.std(),
                "min": columns.min(),
                "median": columns.median(),
                "max": columns.max(),
                "auc": [auc(fake, values[name].to_numpy()) for name in columns],
                "importance": shuffled.importances_mean,
            }
        ),
        correlations=values.corr(),
        cautions=cautions(table),
    )


def description_lines(found: Description) -> list[str]:
    """Report in Markdown."""
    total = sum(found.balance.values())
    columns = found.columns
    lines = [
        f"{total:,} rows: "
        + ", ".join(f"{n:,} {name} ({n / total:.1%})" for name, n in found.balance.items())
        + f". {int(columns['missing'].sum()):,} values are missing.",
        "",
        "| column | missing | mean | std | min | median | max | AUC alone | importance |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, row in columns.sort_values("importance", ascending=False).iterrows():
        numbers = [f"{row[key]:.4g}" for key in ("mean", "std", "min", "median", "max")]
        lines.append(
            f"| {name} | {row['missing']:.0f} | {' | '.join(numbers)} | {row['auc']:.3f} "
            f"| {row['importance']:.4f} |"
        )
    lines += ["", "| columns that move together | r |", "|---|---|"]
    lines += [f"| {first}, {second} | {r:+.2f} |" for first, second, r in found.strongest_pairs()]
    return [*lines, *(line for caution in found.cautions for line in ("", caution))]
