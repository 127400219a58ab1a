import pytest

from app.media.location import xmp
from app.media.location.errors import UnreadableBlock


@pytest.mark.parametrize(
    "place",
    [
        'exif:GPSLatitude="48,8.25N"',
        "exif:GPSLatitude = '48,8.25N'",
        'drone-dji:GpsLongtitude="8.1"',
        'drone-dji:AbsoluteAltitude="+120.4"',
        'geo:Latitude="8.1"',
        'photoshop:City="Mainz &amp; Wiesbaden > all"',
        'any.prefix:Country="Germany"',
        'Iptc4xmpCore:Location="At home"',
    ],
)
def test_attributes(place: str) -> None:
    packet = f'<rdf:Description a:b="1" {place} xmp:Rating="4"/>'.encode()
    assert xmp.clean(packet) == packet.replace(place.encode(), b" " * len(place))


@pytest.mark.parametrize(
    "place",
    [
        "<exif:GPSLatitude>48,8.25N</exif:GPSLatitude>",
        "<exif:GPSLatitude\n>48,8.25N</exif:GPSLatitude >",
        '<photoshop:State rdf:parseType="Resource"/>',
        "<e:LocationShown><rdf:li e:City='Mainz'><e:City>M</e:City><e:Sublocation/></rdf:li></e:LocationShown>",
        '<GPSLatitude xmlns="http://ns.adobe.com/exif/1.0/">48</GPSLatitude>',
        "<photoshop:City>Mainz</photoshop:City><photoshop:Country>Germany</photoshop:Country>",
    ],
)
def test_elements(place: str) -> None:
    packet = (
        f"<rdf:Description><dc:title>Wedding</dc:title>{place}<xmp:Rating>4</xmp:Rating></rdf:Description>".encode()
    )
    assert xmp.clean(packet) == packet.replace(place.encode(), b" " * len(place))


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b" " * 50,
        b'<rdf:Description Iptc4xmpCore:CiAdrCity="Studio" GPano:PoseHeading="1" a:GeographicLocations="x"/>',
        b"<dc:description>Location: City = x, GPSLatitude</dc:description>",
        b"<dc:title>Hochzeit</dc:title>\0",
        b'<a xmlns:GPS="x"/>',
    ],
)
def test_everything_else_stays(packet: bytes) -> None:
    assert xmp.clean(packet) == packet


@pytest.mark.parametrize(
    "packet",
    [
        b"<exif:GPSLatitude>48,8.25N",
        b'<a exif:GPSLatitude="48',
        b"<a exif:GPSLatitude=48>",
        b"<photoshop:City>x</photoshop:City></photoshop:City>",
        '<a exif:GPSLatitude="48"/>'.encode("utf-16-le"),
        '<a exif:GPSLatitude="48"/>'.encode("utf-32-be"),
    ],
)
def test_what_cannot_be_cut_out_is_unreadable(packet: bytes) -> None:
    with pytest.raises(UnreadableBlock):
        xmp.clean(packet)


def test_many_properties_take_a_moment() -> None:
    packet = b"<photoshop:City/>" * 50_000
    assert not xmp.clean(packet).strip()
