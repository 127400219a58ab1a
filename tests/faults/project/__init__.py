"""A Django project of one view and a few tasks, for the crash rig: settings, urls, views, tasks.

In: the rig's environment variables. Out: rows of ``tasks_taskrow`` and ``effects``, lines of the history.
"""
