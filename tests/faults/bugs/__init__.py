"""Handlers with a mistake that somebody could make, to see whether the checker would notice.

Each module changes the product in its own process, before the entry point is imported, and leaves its files alone.
"""
