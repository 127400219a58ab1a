"""The photographs of the demo gallery: whose they are, under which licence, and where they come from.

docs/credits.md lists them too; a test holds the two together.
"""

from dataclasses import dataclass
from typing import Final, Literal

type Licence = Literal["CC BY 4.0", "CC BY-SA 4.0", "CC BY-SA 3.0", "CC0 1.0"]

LICENCES: Final[dict[Licence, str]] = {
    "CC BY 4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC BY-SA 4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    "CC BY-SA 3.0": "https://creativecommons.org/licenses/by-sa/3.0/",
    "CC0 1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
}
SOURCE: Final = "https://gitlab.com/ubports/development/core/lomiri-wallpapers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A Debian package, and the path below `https://deb.debian.org/debian/` at which one version of it lies."""

    name: str
    pool: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPhoto:
    """One photograph: `file` is its name in the package's `usr/share/backgrounds/`, `sha256` its digest in hex."""

    title: str
    author: str
    licence: Licence
    package: Package
    file: str
    sha256: str

    @property
    def filename(self) -> str:
        """What it is uploaded as, so that its credit is wherever its name is."""
        return f"{self.title}, {self.author} ({self.licence}).jpg"

    @property
    def source(self) -> str:
        """Its path in the collection that the packages are made of, under SOURCE."""
        return f"{self.package.name.rpartition('-')[2]}/{self.file}"


_POOL: Final = "pool/main/l/lomiri-wallpapers"
_FIRST = Package(name="lomiri-wallpapers-16.04", pool=f"{_POOL}/lomiri-wallpapers-16.04_20.04.0-2_all.deb")
_SECOND = Package(name="lomiri-wallpapers-20.04", pool=f"{_POOL}/lomiri-wallpapers-20.04_20.04.0-2_all.deb")

PHOTOS: Final = (
    DemoPhoto(
        title="Dandelions",
        author="Clemens Engelhardt",
        licence="CC0 1.0",
        package=_FIRST,
        file="seeding_by_Clements_Engelhardt.jpg",
        sha256="a5634d1ab5e41a3568e92d4a894a500c92b891f9ff734e50bd224d6e185a605f",
    ),
    DemoPhoto(
        title="Picos de Europa",
        author="Aitzol Berasategi",
        licence="CC BY 4.0",
        package=_FIRST,
        file="picosdeeuropa_by_Aitzol_Berasategi.jpg",
        sha256="414d0072b2f6f2c555deafeaef6e45c4fed6fa9ad26eba6560ca8803959cf97a",
    ),
    DemoPhoto(
        title="Friends",
        author="Aitzol Berasategi",
        licence="CC BY 4.0",
        package=_FIRST,
        file="friends_by_Aitzol_Berasategi.jpg",
        sha256="cc40e313c74e421edffe3403def413c16878ce14661cce7ec5915baeab35538d",
    ),
    DemoPhoto(
        title="Aitzgorri",
        author="Aitzol Berasategi",
        licence="CC BY 4.0",
        package=_FIRST,
        file="aitzgorri_by_Aitzol_Berasategi.jpg",
        sha256="66268e7b48f8854d36a28765fac6e23ec1aee251daa6da1f64715f201020ad36",
    ),
    DemoPhoto(
        title="Fig",
        author="Trevor Freespace",
        licence="CC BY 4.0",
        package=_FIRST,
        file="Picture_0B_by_freespace.jpg",
        sha256="c8c0ab18e48d9e0419fe42881112137f3afafc27dfddc29ec3a6d54c56d225ad",
    ),
    DemoPhoto(
        title="Stream",
        author="Aitzol Berasategi",
        licence="CC BY 4.0",
        package=_FIRST,
        file="life_by_Aitzol_Berasategi.jpg",
        sha256="4c119350ead80201fe256850c3d316309ddfb4bdf10b235ce982dcde0c667c05",
    ),
    DemoPhoto(
        title="Wine",
        author="Jakub Mede",
        licence="CC BY 4.0",
        package=_FIRST,
        file="Wine_by_Jakkub_Mede.jpg",
        sha256="d2e96e6d4da40dd804b3d0ce295e94de04a2d7d9b6785d42cd9d92ba58bced74",
    ),
    DemoPhoto(
        title="Sunset",
        author="Aitzol Berasategi",
        licence="CC BY 4.0",
        package=_FIRST,
        file="sunset_by_Aitzol_Berasategi.jpg",
        sha256="474dab6a4b9f94dc76c29dfe30e9f5db4af0fd2e33fe5d695f8152b371efca18",
    ),
    DemoPhoto(
        title="Bridge",
        author="Sander Klootwijk",
        licence="CC BY-SA 4.0",
        package=_FIRST,
        file="Bridge_by_Sander_Klootwijk.jpg",
        sha256="bd86b081f9975e2b83527f71e49b9271a8ab40885428395969d9f7d834d7f050",
    ),
    DemoPhoto(
        title="Dragonfly",
        author="Bolly",
        licence="CC BY-SA 4.0",
        package=_FIRST,
        file="Dragonfly_by_Bolly.jpg",
        sha256="af5af17841009732def24b09bb1e669a1b09d2b4bdeee7812c371101c30d2bb3",
    ),
    DemoPhoto(
        title="Brushes",
        author="Trevor Freespace",
        licence="CC BY 4.0",
        package=_FIRST,
        file="Picture_1A_by_freespace.jpg",
        sha256="89e86af38d04daaef975665dc2127e9fa76f0fd68f4eea105a2d0ae3390b010b",
    ),
    DemoPhoto(
        title="Nuthatch",
        author="Lukas Baubkus",
        licence="CC BY-SA 3.0",
        package=_SECOND,
        file="Kleiber_by_Lukas_Baubkus.jpg",
        sha256="6572410c09f4492c74ccadde133565a14c0161617d5917d4c820c66d65a44ba7",
    ),
)
