"""Trades between two parties: legs with frozen values, fairness, the steps from proposal to done."""
