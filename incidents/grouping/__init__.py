"""From findings to incidents: what belongs together, and how urgent it is.

    settings   windows, weights and thresholds
    score      how much findings add up to
    group      which findings belong together, step by step

Pure: findings and state in, incidents and state out.
"""

from incidents.grouping.group import Grouping, State, decode, encode
from incidents.grouping.settings import GroupingSettings

__all__ = ["Grouping", "GroupingSettings", "State", "decode", "encode"]
