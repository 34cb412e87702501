"""What staff found out becomes tests and examples, a candidate model, and, if nothing got worse, the assistant's."""
