"""Instances that earlier versions have stored go on in this one.

`stored` holds, for every format there was, databases as that version left them, with an instance in every situation
in which the shipped processes wait, and those of `waits` for what they do not use. ``python -m tests.upgrades.store``
adds those of the present format. `stories` are what is played, `recording` plays them and notes the situations,
`rows` and `fixtures` are how a database is kept, `databases` opens one again.
"""
