"""The loop: it knows the Task protocol, no architecture and no task."""
