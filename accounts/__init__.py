"""People, roles, API tokens and the audit trail."""
