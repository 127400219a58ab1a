"""Galleries, their photos and the links by which clients see them.

In: studio pages and JSON from signed-in members, `/s/<token>/` pages from clients, and the task that develops a
photo. Out: HTML, presigned uploads, renditions under `media/`, originals under `originals/`.
Touches its three tables, the media bucket and the task queue. Files never pass through a request: the browser
puts them straight into the bucket under `incoming/`, and the task takes them from there.
"""
