"""Notifiers: did the message reach a human?"""
