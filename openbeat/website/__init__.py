"""Pages for people: meeting packs for everyone, briefs and board pages for inside.

Only turning tables that are already made into pages belongs here; nothing is worked out of raw
records, and nothing decides what may be published.
"""
