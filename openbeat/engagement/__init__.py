"""Engagement logs and public feedback: taken in, checked, joined, and made into tables.

The way of a record: read from its source (``connectors``), given our names and codes (``mapping``),
typed (``conform``), routed out where somebody else must act (``routing``), kept with its versions
(``history``), completed with what follows from other records (``derive``), split by the rules of
its contract (``intake``), and made into what is published (``publish`` and the modules it calls).
"""
