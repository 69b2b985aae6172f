"""The plan domain: plans, goals, indicators, organisation, and the operations that service tasks call."""
