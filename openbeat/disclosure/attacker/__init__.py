"""The attacker: reads what is published and nothing else, and tries to work out what was kept.

It shares no code with the suppression and imports nothing of openbeat but its errors. It solves
with SciPy, the suppression with HiGHS's own binding.

``facts``    published tables and the ledger, as facts about cells
``sums``     what everybody knows to add up
``system``   both as arrays; what follows without a solver
``reach``    what is attacked of a part, and what was found so far
``bounds``   how far each number can go: linear and integer programmes
``judging``  one attack, and what counts as a finding
``sets``     the attack sets (a) to (h)
``report``   what was found, for a file and for a person
``release``  a release folder on disk
"""

from openbeat.disclosure.attacker.facts import CELL_KEY
from openbeat.disclosure.attacker.release import attack_release
from openbeat.disclosure.attacker.report import Report, SetResult
from openbeat.disclosure.attacker.sets import attack

__all__ = ["CELL_KEY", "Report", "SetResult", "attack", "attack_release"]
