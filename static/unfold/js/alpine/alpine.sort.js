// Nothing in the panel is sorted by dragging: see static/unfold/README.md.
