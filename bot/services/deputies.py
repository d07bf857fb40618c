"""Deputies by dates (대직): who acts for whom, and under whose name things go out.

A deputy sees and may do what the assignment of the person he stands for allows. What a guard
keeps from him stays kept (`sight.visible_filings` asks for his own account and unit as always).
"""

from storage.repositories.deputies import of, standing_for

__all__ = ["of", "standing_for"]
