"""An app whose tasks are as tasks should not be."""
