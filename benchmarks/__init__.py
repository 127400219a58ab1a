"""Every claim about speed, as a program that prints our figure, the reference, and their ratio.

These print; none of them fails for being slow. Machines are noisy: read medians and ratios.
"""
