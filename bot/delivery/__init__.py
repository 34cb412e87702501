"""Carries what patients asked for to where the clinic wants it: the outbox, its targets and the worker."""
