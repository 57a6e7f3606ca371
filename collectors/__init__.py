"""Collectors: what happened, according to every source?"""
