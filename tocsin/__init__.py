"""Tocsin: from the first suspicious log line to the notice in each customer's hand, with proof."""

import os

# No linear algebra is done here. The threads that numpy's library keeps for it would cost memory,
# and a process with threads cannot be forked.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
