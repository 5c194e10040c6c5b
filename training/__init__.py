"""Model versions and how they come to be."""
