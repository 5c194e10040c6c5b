"""Audio to learn from: package material and augmentation.

Development only: what is here runs on a maker's machine, never in the product.
"""
