"""Loupe: client photo galleries.

Rooms, each importing only those to its right: urls, demo > api > studio > reports > sharing, uploads > galleries >
media > notifications > accounts > web. The product knows the serverless layer by its public names only, and no AWS
library at all.
"""
