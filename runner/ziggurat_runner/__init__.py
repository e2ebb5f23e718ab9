"""Fetches a run's inputs, starts its training program, forwards what that says, and brings the result home.

It refuses to know any engine, any model and any library but Python's own.
"""
