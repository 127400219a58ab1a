"""The conformance corpus: requests, each as every event shape, answered as gunicorn answers them.

In: cases (``cases/``), what each shape loses (``losses.py``), what AWS makes of requests and answers (``shapes.py``).
Out: differences, field by field. ``python -m tests.conformance`` runs any adapter and writes
docs/reference/conformance.md.
"""
