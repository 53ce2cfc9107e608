"""Pages for inside, never in a release: the tasking brief of a force, the page of the board.

They show codes, counts, ids, dates and roles: no free text and nothing of a restricted column.
"""

from openbeat.website.internal.board import board_page
from openbeat.website.internal.tasking import tasking_brief
from openbeat.website.internal.write import write_internal

__all__ = ["board_page", "tasking_brief", "write_internal"]
