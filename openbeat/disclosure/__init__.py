"""Disclosure control: which counts of people may be published, with a proof of each.

``policy``       what is protected, and how, as declared in ``config/disclosure.yaml``
                 (``declared`` its shapes, ``acyclic`` which sets of tables may be linked)
``problem``      cells of linked tables and the sums between them, as arrays
``certificate``  possible worlds, and the check of them: exact integers, no solver
``suppress``     which cells to keep back, and the worlds that prove it, by HiGHS
                 (``search``, ``regions``, ``found``, ``tidy``, ``exact``, ``solver``)
``rounding``     the other method: controlled rounding
``cells``        from counts to cells (``primary`` which need protection, ``sums`` between them,
                 ``changes`` for the yearly revision, ``periods``)
``ledger``       what was ever published; ``memory`` with what stands behind it
``gate``         all of it in order, for each force and period
                 (``deciding`` one of them, ``certified`` all once more, ``published``, ``report``)
``attacker``     reads what is published and nothing else, and tries to break it
"""
