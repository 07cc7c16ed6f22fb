"""Carrying runs out: in this process, or on workers; kept in a store; exported."""
