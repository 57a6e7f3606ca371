"""A company that does not exist, its logs, and attacks on it whose truth is known."""
