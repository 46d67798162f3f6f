"""Tensors of a program as formulas that people read: index notation, LaTeX, matrix products."""
