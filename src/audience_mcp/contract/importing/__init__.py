"""A provider's own API document -> corrections of our operations: fetched, parsed, described, matched, compared."""
