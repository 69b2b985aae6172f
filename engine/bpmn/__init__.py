"""BPMN as data: the model, its reader, and the table of what is executed."""
