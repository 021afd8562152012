"""Fuzzers: of the sandbox from outside by its documents (`fuzz`), of the tools by their schemas (`fuzz.arguments`)."""
