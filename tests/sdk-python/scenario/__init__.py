"""The scenario: one life of an account, told the same way to every release of the SDK.

What releases answer differently is said where it is checked, by `since`.
"""
