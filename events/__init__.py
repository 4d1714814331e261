"""The published language: the envelope of a change, and the catalogue of event types."""
