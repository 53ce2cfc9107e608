"""Rates, intervals and other statistics on counts."""
