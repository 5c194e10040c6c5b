"""Audio to learn from: package material, resynthesis and augmentation.

Development only: what is here runs on a maker's machine, never in the product.
"""
