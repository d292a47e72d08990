"""Secondary suppression: which further cells to withhold so that the withheld ones cannot be worked out.

In: grids of families and figures with what is unsafe by itself. Out: grids of what is withheld. Never a figure.
"""
