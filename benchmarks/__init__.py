"""What PlanFlow costs, measured beside what it could cost. ``make bench`` runs all; docs/reference/benchmarks.md tells.

A benchmark measures and reports. It never fails because something was slow.
"""
