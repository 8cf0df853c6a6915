"""How good values are: measures, baselines, and the out-of-sample report."""
