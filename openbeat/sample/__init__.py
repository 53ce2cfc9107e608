"""Deterministic made-up inputs: police.uk files and engagement logs, every known quirk planted.

An invented country, its crimes and the faults in its files belong here; reading any of it back
does not, nor does anything real.
"""

from openbeat.sample.generate import generate

__all__ = ["generate"]
