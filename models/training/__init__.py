"""Learning forward in time: vintages, their store, and a run's learning on disk."""
