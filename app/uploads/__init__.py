"""The upload centre: from a folder on somebody's disk to photos that wait for their task.

In: JSON from the studio's page. Out: presigned uploads, the photos' progress, and the page's JavaScript.
Touches the photos' rows and the task queue. Files never pass through a request: the browser puts them straight into
the bucket under `incoming/`, and the task takes them from there.
"""
