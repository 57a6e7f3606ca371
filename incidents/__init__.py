"""Incidents: is it a breach, who is touched, what do we owe to whom by when?"""
