"""What other rooms hear of: sent after the commit, with `cut`."""

from django.dispatch import Signal

cut_ready = Signal()
cut_failed = Signal()
