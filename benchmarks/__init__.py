"""Measurements of speed; `make benchmark` runs them."""
