"""Telling other systems what happened: endpoints, the outbox, delivery."""
