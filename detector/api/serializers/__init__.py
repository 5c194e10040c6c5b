"""The shape of what is sent and answered. Field names are a promise: they are only ever added."""
