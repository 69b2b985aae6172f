"""Messages and signals, from whoever sends them to whoever waits for them (BPMN 2.0.2 §8.4.11, §10.5.5).

A message is for one receiver and waits for it until its time is over; a signal is for all who listen at the moment
when it is thrown. What happens to one of them, in order:

1. It is sent. An instance throws it, or it comes from outside by a command (`incoming`), which hands a message over at
   once if somebody waits for it. How long it is kept otherwise: `time_to_live`.
2. It becomes a row, a `letter` in the `mailbox`, in the transaction of the command that sends it: a message with the
   hashes of its keys (`keys`), a signal once for each who listens. The command notes it as its `mail`.
3. When that is committed, the `postman` looks what is `due`: what was sent, and what was kept for those who now begin
   to wait. He hands each over in a transaction of its own, at once or, what is left, with the worker.
4. In it, `delivery` takes the row out, `receivers` finds who gets it, by name and by keys, and `handover` gives it to
   the instance that waits, or starts the process that waits to be started.
5. What could not be handed over is put off, longer each time; what nobody takes in time is thrown away (`due`).

Who waits is in the table ``subscription``: instances by `engine.recording`, processes by `engine.starting`.
"""
