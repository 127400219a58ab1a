"""Every minute: send what is due and unsent, enqueue what is scheduled, delete what is old, measure what waits."""
