"""A schema fuzzer from outside: schemathesis against the running sandbox, one document after the other."""
