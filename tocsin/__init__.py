"""Tocsin: from the first suspicious log line to the notice in each customer's hand, with proof."""

__version__ = "0.1.0"
