"""The demo: a small company, invented, that sells industrial heat pumps."""
