"""What it costs: one command measures loading, refreshing, asking and serving at several sizes.

figures.py    what is measured: names, units, targets; quantiles, growth and verdicts
workshop.py   the work folder of a size, its own server, its subprocesses
memory.py     peak memory of process trees
paced.py      a client that asks for pages at a given rate
products.py   sparse products and `implicit`, in a process of their own
stages/       load, refresh, api, pages, compare: each returns figures
report.py     docs/performance.md out of the results; charts.py draws its pictures
notes.toml    written by hand: why a target is not met, and what was tried
"""
