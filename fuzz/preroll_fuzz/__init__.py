"""
Hypothesis strategies for payloads, faults that break one rule alone, and live contract checks.
"""
