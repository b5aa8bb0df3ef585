"""The views of planning."""
