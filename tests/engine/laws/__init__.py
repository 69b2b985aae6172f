"""Laws that hold for any process and any history: hypothesis draws both, and looks for a counterexample.

``drawing`` says what a process looks like here, ``blocks`` and ``graphs`` draw them at random, ``written`` writes them
as BPMN. ``game`` plays the token game of BPMN 2.0.2 §13 by the book and forgets nothing; the engine, which forgets all
that it does not need and is stored and restored after every step, has to be indistinguishable from it.
"""
