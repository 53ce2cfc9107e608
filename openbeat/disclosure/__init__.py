"""Disclosure control: which counts of people may be published, with a proof of each.

The parts, each of which may import only those above it:

``policy``       what is protected, and how, as declared in ``config/disclosure.yaml``
``problem``      cells of linked tables and the sums between them, as arrays
``certificate``  possible worlds, and the check of them: exact integers, no solver
``suppress``     which cells to keep back, and the worlds that prove it (HiGHS)
``rounding``     the other method: controlled rounding
``cells``        from counts to cells and sums
``ledger``       what was ever published
``gate``         all of it in order, for each force and period
``attacker``     reads what is published and nothing else, and tries to break it
"""
