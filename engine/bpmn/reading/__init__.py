"""Reading the parts of a BPMN file, one concept a file. They know XML; the model they make does not."""
