"""
Compatibility: document against document, decided by proof.
"""
