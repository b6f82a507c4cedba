"""Tokens, signatures, candidates and verdicts."""
