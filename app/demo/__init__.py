"""A gallery of a dozen real photographs for the demo studio, so that the first look at Loupe is at something.

In: `manage.py demo_gallery`, which the local cloud runs once it serves. Out: a published gallery, made by the same
actions as a photographer's: presigned uploads, confirmations, tasks, and a share link whose address is printed.
Touches the network (Debian's packages, by name, each photograph checked against its SHA-256), `.cache/demo` and the
demo studio. Exists only where DEMO is on; DEMO_PHOTOS=off declines it.
"""
