"""Mixed work over HTTP against real server processes, on an empty installation and on one that is years old.

`setups` are the processes, `work` is what people do, and `timing` what is told of it. `benchmarks.load` lets them work
on both in turns, so that whatever else the machine does hits both alike.
"""
