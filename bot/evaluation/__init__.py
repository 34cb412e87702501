"""Measures understanding on questions that were never trained on."""
