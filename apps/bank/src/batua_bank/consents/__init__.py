"""Standing consents: a platform may take so much a month, until its customer says stop."""
