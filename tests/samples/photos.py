from dataclasses import dataclass
from pathlib import Path

from tests.samples import CACHE


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """The sample photographs by kind. All paths exist once `tests.samples.fetch` has succeeded."""

    root: Path = CACHE

    @property
    def gps(self) -> list[Path]:
        """Photos with a real position in their EXIF: phone JPEGs, then a PNG and a HEIC."""
        return [*self.jpegs_12mp, self.png, self.heic]

    @property
    def jpegs_12mp(self) -> list[Path]:
        """Phone photos of exactly 12 MP, all with GPS."""
        return sorted((self.root / "forensics-samples-files").rglob("IMG_20*.jpg"))

    @property
    def rotated(self) -> Path:
        """12 MP, taken upside down (orientation 3)."""
        return self._find("forensics-samples-files", "IMG_20200124_231153.jpg")

    @property
    def jpeg_24mp(self) -> Path:
        """6000 x 4000, with an sRGB profile."""
        return self._find("lomiri-wallpapers-20.04", "Painting-Colors_by__herobrine7gamer.jpg")

    @property
    def jpeg_18mp(self) -> Path:
        """5640 x 3172 and 16 MB: the heaviest to decode."""
        return self._find("mate-backgrounds", "Elephants_5640x3172.jpg")

    @property
    def jpeg_17mp(self) -> Path:
        """4096 x 4096: no scaled decoding reaches below it, and its large rendition has the most pixels of all."""
        return self._find("lomiri-wallpapers-20.04", "Infinite-Sea_by_Aury88.jpg")

    @property
    def small_jpeg(self) -> Path:
        """1280 x 960 from an iPhone, with an sRGB profile: quick to develop."""
        return self._find("forensics-samples-files", "IMG_1054.JPG")

    @property
    def png(self) -> Path:
        """2268 x 1512, with GPS."""
        return self._find("libjxl-testdata", "flower.png")

    @property
    def transparent_png(self) -> Path:
        """2268 x 1512 with an alpha channel."""
        return self._find("libjxl-testdata", "flower_alpha.png")

    @property
    def heic(self) -> Path:
        """12 MP from an iPhone, Display P3, with GPS."""
        return self._find("pillow-heif", "pug.heic")

    @property
    def heic_200mp(self) -> Path:
        """12240 x 16320 from a Galaxy: over the pixel limit."""
        return self._find("pillow-heif", "200MP.heic")

    @property
    def broken(self) -> list[Path]:
        """Files that announce a format which we take, and are cut off, damaged or empty."""
        names = [
            "broken.png",
            "broken_data_stream.png",
            "png_decompression_dos.png",
            "truncated_end_chunk.png",
            "truncated_image.png",
            "truncated_jpeg.jpg",
            "ultrahdr.jpg",
            "unknown_compression_method.png",
        ]
        heic = (self.root / "pillow-heif" / "heif_corrupted").iterdir()
        return [*(self.pillow(name) for name in names), *sorted(heic)]

    @property
    def raw_pairs(self) -> list[tuple[Path, Path]]:
        """Camera photos as 16-bit PNG in another colour space, each with the same photo in 8-bit sRGB."""
        folder = self._find("libjxl-testdata", "raw.pixls")
        cameras = ("DJI-FC6310-16bit_709_v4", "Sony-DSC-RX1RM2-14bit_709_v4")
        return [(folder / f"{name}_krita.png", folder / f"{name[:-7]}_srgb8_v4_krita.png") for name in cameras]

    def pillow(self, name: str) -> Path:
        """A file of Pillow's own corpus, by its path inside `Tests/images`."""
        return self.root / "pillow" / name

    def photo_set(self, count: int) -> list[Path]:
        """`count` photos as a photographer might deliver them: 12-24 MP JPEGs, every tenth or so a PNG or a HEIC,
        some rotated, some with GPS. 13 are distinct; beyond that they repeat."""
        wallpapers = ("seeding_by_Clements_Engelhardt.jpg", "Dragonfly_by_Bolly.jpg", "sunset_by_Aitzol_Berasategi.jpg")
        distinct = [
            self.rotated,
            self.jpeg_24mp,
            self.heic,
            self.png,
            *(path for path in self.jpegs_12mp if path != self.rotated),
            *(self._find("lomiri-wallpapers-16.04", name) for name in wallpapers),
            self._find("lomiri-wallpapers-20.04", "Kleiber_by_Lukas_Baubkus.jpg"),
            self.jpeg_18mp,
            self.jpeg_17mp,
        ]
        return [distinct[index % len(distinct)] for index in range(count)]

    def _find(self, package: str, name: str) -> Path:
        return next((self.root / package).rglob(name))
