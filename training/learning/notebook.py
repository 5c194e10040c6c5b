"""Runs a script in percent format and writes it as a Jupyter notebook with what came out.

The format of notebooks is JSON (nbformat 4.5); a kernel and its tools would be a dozen packages
for what is a loop over cells here.
"""

import ast
import base64
import io
import json
import re
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

Cell = tuple[str, str]
"""``markdown`` or ``code``, and the text."""


def cells_of(script: str) -> list[Cell]:
    """Split a script at its ``# %%`` lines; what comes before the first is about the file."""
    parts = re.split(r"^# %%(.*)\n", script, flags=re.MULTILINE)[1:]
    cells = []
    for mark, text in zip(parts[::2], parts[1::2], strict=True):
        text = text.strip("\n")
        if "[markdown]" in mark:
            cells.append(("markdown", re.sub(r"^# ?", "", text, flags=re.MULTILINE)))
        else:
            cells.append(("code", text))
    return cells


def run(cells: list[Cell]) -> list[dict[str, Any]]:
    """Run the code cells in one namespace; return all cells as a notebook holds them."""
    import matplotlib

    # No window: figures stay until they are kept below.
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    namespace: dict[str, Any] = {"__name__": "__main__"}
    found, count = [], 0
    for number, (kind, text) in enumerate(cells, 1):
        cell: dict[str, Any] = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}}
        cell["source"] = text.splitlines(keepends=True)
        if kind == "code":
            count += 1
            printed = io.StringIO()
            with redirect_stdout(printed):
                # Our own script, read from our own repository.
                exec(compile(ast.parse(text), f"cell {number}", "exec"), namespace)  # noqa: S102
            cell |= {"execution_count": count, "outputs": _outputs(printed.getvalue(), plt)}
        found.append(cell)
    return found


def _outputs(printed: str, plt: Any) -> list[dict[str, Any]]:
    outputs: list[dict[str, Any]] = []
    if printed:
        lines = printed.splitlines(keepends=True)
        outputs.append({"output_type": "stream", "name": "stdout", "text": lines})
    for number in plt.get_fignums():
        image = io.BytesIO()
        plt.figure(number).savefig(image, format="png", dpi=70, metadata={"Software": None})
        data = {"image/png": base64.b64encode(image.getvalue()).decode()}
        outputs.append({"output_type": "display_data", "data": data, "metadata": {}})
    plt.close("all")
    return outputs


def write_notebook(path: Path, cells: list[dict[str, Any]]) -> None:
    """Write cells as a notebook of nbformat 4.5."""
    notebook = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")
