"""A workbook a force, as XLSX and ODS, for people who live in spreadsheets.

The order of things belongs here. ``plan`` says which tables are shown and how they are called,
``rows`` and ``months`` fill sheets, ``cover`` writes what every book says, ``book`` is the model
that ``xlsx`` and ``ods`` turn into files.
"""

from openbeat.release.workbook.write import FOLDER, write_workbooks

__all__ = ["FOLDER", "write_workbooks"]
