"""XMP properties that say where, by local name: prefixes are the writer's choice (XMP specification part 1, 6.2).

Exif and DJI write the position; Photoshop, IPTC Core and IPTC Extension the place. The creator's own address
(CiAdrCity and its like) is no place of the photo.
"""

PLACES = (
    rb"Gps[\w.-]*",
    rb"(?:Absolute|Relative)?Altitude|Latitude|Longitude",
    rb"City|State|Country|CountryCode|CountryName|ProvinceState|Sublocation|WorldRegion",
    rb"Location|LocationCreated|LocationShown|LocationName|LocationId",
)
