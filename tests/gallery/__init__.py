"""Sample documents, to be looked at: `make documents`."""
