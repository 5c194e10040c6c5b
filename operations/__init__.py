"""What an operator needs: probes, metrics, logs, backup, and a doctor."""
