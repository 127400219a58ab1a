"""The upload centre: from a folder on somebody's disk to photos that wait for their task.

In: JSON from the studio's page. Out: presigned uploads, whole or in parts, the photos' progress, the page's JavaScript.
Touches the photos' rows, what their studio keeps, the task queue, and S3's list of uploads in parts. Files never pass
through a request: the browser puts them straight into the bucket under `incoming/`, and the task takes them from there.
`vendor` pins the packages that `make vendor` bundles into `static/uploads/vendor`.
"""
