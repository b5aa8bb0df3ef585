"""Tries to break a running studio as a hostile visitor or a dishonest colleague would."""
