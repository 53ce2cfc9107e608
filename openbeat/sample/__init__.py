"""Deterministic made-up inputs in police.uk's own formats, with every known quirk planted.

An invented country, its crimes and the faults in its files belong here; reading any of it back
does not, nor does anything real.
"""

from openbeat.sample.generate import generate

__all__ = ["generate"]
