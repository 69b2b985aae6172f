"""How a process begins when nobody starts it by hand: by an event (BPMN 2.0.2 §10.5.2, §13.2).

`events` says what can start a process. When a version is deployed, `registration` lets it listen, and no older one:
messages and signals by rows in the table ``subscription``, where `engine.messaging` finds them, timers and conditions
by rows in the table ``job``, which the worker looks through (`engine.jobs`). When a timer is first due, and what
then begins: `timers`. How a condition is asked, and when it starts a process: `conditions`.
"""
