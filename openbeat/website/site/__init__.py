"""The website of a release: pages, their data, and what finds a place, all as static files."""
