"""The report of one prediction: a PDF that can be attached to a decision."""

from detector.report.cache import forget_reports, report_response

__all__ = ["forget_reports", "report_response"]
