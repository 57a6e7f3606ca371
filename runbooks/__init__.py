"""Runbooks: what does the person on call do now?"""
