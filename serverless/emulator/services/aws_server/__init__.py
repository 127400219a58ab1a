"""S3 and SQS in a process of their own: moto behind four layers of WSGI that add what it leaves out.

Enters: HTTP on 127.0.0.1. Leaves: S3's and SQS's answers. Touches: the objects' directory given at start.
``origins`` puts a bucket's CORS headers on every answer, errors too; ``presigned`` refuses anonymous and wrongly
presigned requests as S3 does; ``multiparts`` ties uploads in parts
to their key and checksums; ``objects`` writes each change to disk before it is answered. Queues live in memory.
"""
