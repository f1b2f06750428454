"""Private files of what the suite has learnt: SQLite, readable by their owner only, whole after any crash.

What is kept, people or gestures, and in which tables, is said by the package that learns it.
"""
