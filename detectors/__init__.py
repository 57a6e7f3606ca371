"""Detectors: is any of it an attack, an abuse, or a broken promise of our contract?"""
