"""Steps that nobody tuned for: modules of some examples against the best NumPy that we could write for them."""
