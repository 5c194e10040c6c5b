// The panel draws no charts: see static/unfold/README.md.
