"""The photographer's pages, composed of the rooms below: dashboard, a gallery, its links.

In: requests of signed-in members. Out: HTML. Has no table.
"""
