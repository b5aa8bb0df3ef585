"""`make bench`: how fast, how good and how frugal the studio's media work is, measured."""
