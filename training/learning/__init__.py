"""Pure Python, no Django: splits, pipelines, metrics, calibration, artifacts."""
