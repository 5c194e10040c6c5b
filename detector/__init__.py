"""Clips and predictions: what a user asks and gets."""
