"""Runs BPMN on SpiffWorkflow: the only package that imports it.

SpiffWorkflow gives the workflow, its tasks with their states and life cycle, and the specs that the tasks run.
The specs here, one class per BPMN element, subclass its ``TaskSpec`` and bring BPMN's token semantics: a live
task is a token, its parent is the scope it lives in, and a task that is over leaves the tree. So the live state
holds only what is still needed to go on, and a step costs the same however much lies behind it.
"""
