"""A small, ordinary Django project, for benchmarks.cold_start: what `startproject` makes, with one page."""
