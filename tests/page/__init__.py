"""The page in a real browser, live and from a file. Only `make test-page` runs these."""
