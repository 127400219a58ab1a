"""What a cold start is made of: ``manage.py coldstart`` measures the project's own, and says what to do about it.

In: the settings module of the environment. Out: a list of the costliest imports, as text and as a picture.
May touch: a Python process that it starts. Nothing of it runs in Lambda.
"""

from serverless.coldstart.advice import Cost, costs
from serverless.coldstart.flame import svg
from serverless.coldstart.measure import ColdStart, NoColdStart, measure
from serverless.coldstart.report import text

__all__ = ["ColdStart", "Cost", "NoColdStart", "costs", "measure", "svg", "text"]
