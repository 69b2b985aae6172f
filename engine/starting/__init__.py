"""How a process begins when nobody starts it by hand: by a message, a signal or a timer (BPMN 2.0.2 §10.5.2, §13.2).

`events` says what can start a process. When a version is deployed, `registration` lets it listen, and no older one:
messages and signals by rows in the table ``subscription``, where `engine.messaging` finds them, timers by rows in the
table ``timer``, which the worker fires (`engine.firing`). When it is first due, and what then begins: `timers`.
"""
