"""Benchmarks: what a national month, and 36 of them, cost beside two plain baselines.

``python -m benchmarks.run`` measures and prints; how to read it is in ``docs/benchmarks.md``. The
four things measured are ``bare``, ``plain``, ``domain`` and ``whole``, each a module that runs in a
process of its own. Nothing of the product belongs here, and the product imports nothing from here.
"""
