"""Whether a bundle from elsewhere may be used, found out in a process of its own.

``python -m training.learning.inspection FOLDER`` prints one JSON object: ``types``, what the
artifact holds beyond plain numbers and scikit-learn's best known classes, or ``error``. Nothing
of an artifact runs that holds any other type; a file that eats memory or time takes only this
process with it.
"""

import json
import resource
import sys
from pathlib import Path
from typing import Any

MEMORY_BYTES = 3 * 1024**3
CPU_SECONDS = 60


def inspect(folder: Path) -> dict[str, Any]:
    """Load the bundle in a folder, and score a window of the mean voice with it."""
    import numpy as np
    from skops import io as skops_io

    from detector.engine.model import ARTIFACT, BundleError, Model

    try:
        model = Model.load_bundle(folder)
        mean = np.array(model.manifest["reference"]["mean"], dtype=np.float32)
        if not np.isfinite(model.llr(model.raw_scores(mean[None]), seconds=3.0)).all():
            return {"error": "the model's scores are not finite"}
        model.weights_of(model.schema.families, mean[None], seconds=3.0)
    except BundleError as error:
        return {"error": str(error)}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return {"error": f"the manifest or the model lacks something: {error!r}"}
    content = (folder / ARTIFACT).read_bytes()
    return {"types": sorted(skops_io.get_untrusted_types(data=content))}


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    print(json.dumps(inspect(Path(sys.argv[1]))))
