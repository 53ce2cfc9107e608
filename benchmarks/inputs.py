"""What all four measurements read: the sample, and its boundaries read and cached beforehand.

``python -m benchmarks.inputs FOLDER SCALE MONTHS`` makes it. It runs in a process of its own, so
that the process that starts the measurements stays small: a child's peak memory begins at that of
the process it was forked from. What is measured belongs in the other modules.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

_READ_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class Inputs:
    """Where the inputs of one size lie."""

    folder: Path

    @property
    def settings(self) -> Path:
        """The sample's settings file."""
        return self.folder / "sample" / "openbeat.yaml"

    @property
    def archive(self) -> Path:
        """The one archive of the sample.

        Raises:
            ValueError: There is none, or more than one: the baselines do not choose between two.
        """
        (archive,) = (self.folder / "sample" / "archives").glob("*.zip")
        return archive

    @property
    def boundary_cache(self) -> Path:
        """The cache of the boundaries that openbeat keeps, filled."""
        return self.folder / "boundaries"

    @property
    def neighbourhoods(self) -> Path:
        """The same boundaries as GeoParquet, for the plain script."""
        return self.folder / "neighbourhoods.parquet"

    @property
    def done(self) -> Path:
        """Written last: all of it is there."""
        return self.folder / "complete"

    def warm(self) -> None:
        """Read every input once, a little at a time, so that no measurement pays for the disk."""
        for path in sorted(p for p in self.folder.rglob("*") if p.is_file()):
            with path.open("rb") as file:
                while file.read(_READ_AT_ONCE):
                    pass


def prepare(inputs: Inputs, scale: str, months: int) -> None:
    """Generate the sample and read its boundaries into both caches.

    Args:
        inputs: Where to.
        scale: ``force`` or ``national``.
        months: Months in the archive.
    """
    import geopandas as gpd
    import shapely

    from openbeat.geography.boundaries import cached_boundaries
    from openbeat.sample import generate
    from openbeat.settings import load_settings

    generate(inputs.settings.parent, scale, months=months)  # type: ignore[arg-type]
    (source,) = load_settings(inputs.settings).boundaries
    shapes = cached_boundaries(source.path, inputs.boundary_cache).frame
    frame = gpd.GeoDataFrame(
        shapes.select(area_force_id="force_id", neighbourhood_id="neighbourhood_id").to_pandas(),
        geometry=shapely.from_wkb(shapes["geometry"].to_numpy()),
        crs="EPSG:4326",
    )
    frame.to_parquet(inputs.neighbourhoods)
    inputs.done.touch()


if __name__ == "__main__":
    prepare(Inputs(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3]))
