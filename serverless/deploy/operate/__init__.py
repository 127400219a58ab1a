"""Looking after a stage between releases: its logs, how it stands, its secrets.

In: a StackConfig, and what AWS says. Out: lines for a terminal. May touch: AWS by ``serverless.aws``; it writes secrets
alone, and those only where it is told to.
"""
