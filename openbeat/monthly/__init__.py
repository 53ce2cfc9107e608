"""Counting: rows to places, places to small tables by month, and those to published tables."""
