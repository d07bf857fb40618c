"""The number of this release, written beside what a release before it may not know."""

RELEASE = 1
"""Grows by one with each release (CONTRIBUTING.md). What was written by a release with a larger
number and cannot be read here waits for a process of that release (security S23); what cannot be
read and was written by this one is a mistake of ours."""
