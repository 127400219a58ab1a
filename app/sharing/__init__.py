"""Share links, and the pages that a client sees through one.

In: `/s/<token>/` from clients, links made and closed by the studio. Out: HTML without a login, mail with the address.
Touches its table, and reads the galleries'.
"""
