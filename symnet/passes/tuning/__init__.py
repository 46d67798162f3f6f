"""Passes that make a program faster or smaller, and its formulas no clearer: they run for what is emitted.

Each is one rule with one function from program to program, in a file of its own. `passes/pipeline.py` says in which
order they run, docs/design.md what each does.
"""
