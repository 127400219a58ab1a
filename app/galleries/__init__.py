"""Galleries and their photos.

In: rows made by an upload, and the task that develops a photo from its file in quarantine (`incoming/`). Out: reads
for the pages, renditions under `media/` and the cookies that open them, originals under `originals/`, the grid's
templates and styles.
Touches its tables and the media bucket. It has no pages of its own.
"""
