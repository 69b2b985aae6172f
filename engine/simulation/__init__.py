"""Tries a BPMN file out: in memory, on a virtual clock, with people's answers from a file. No database is touched.

Tasks of people are completed with their answers or with nothing, messages and signals reach whoever waits for them in
the file and start its processes, timers elapse when nothing else can happen, service tasks answer what the file says.
What comes out is the trace of what was entered, completed and cancelled.
"""

from engine.simulation.answers import Answers
from engine.simulation.run import Trial, try_file

__all__ = ["Answers", "Trial", "try_file"]
