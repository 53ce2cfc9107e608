"""Geography: boundaries, the register of which serve when, point in polygon, LSOAs, population.

Here belongs what turns places into shapes and points into places. What is counted by place
belongs in ``openbeat.monthly``; files of a release in ``openbeat.release``.
"""
