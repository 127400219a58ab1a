"""Share links, and the pages that a client sees through one.

In: `/s/<token>/` from clients, their PINs and passwords, links made and closed by the studio. Out: HTML without
a login, cookies that open the gallery's files for half an hour, QR codes, mail with the address.
`access` decides who gets in, `entrance` asks for the PIN, `tries` counts, `locks` compares; `opens` has a task write
down that somebody looked. Touches its tables, reads the galleries', and counts in the cache.
"""
