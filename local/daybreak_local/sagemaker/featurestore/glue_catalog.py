"""The Glue Data Catalog client of the offline store. Importing it takes seconds, because of pyiceberg."""

from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.io import FileIO
from pyiceberg.serializers import ToOutputFile
from pyiceberg.table.metadata import TableMetadata


class OfflineCatalog(GlueCatalog):
    """Writes table metadata without checking whether the file exists.

    pyiceberg's check is a HeadObject, for which S3 returns 403 instead of 404 if the role may list only
    a prefix. The file name contains a new UUID, so nothing can be overwritten.
    """

    @staticmethod
    def _write_metadata(metadata: TableMetadata, io: FileIO, metadata_path: str) -> None:
        ToOutputFile.table_metadata(metadata, io.new_output(metadata_path), overwrite=True)
