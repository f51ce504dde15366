"""Independent pieces of long work: kept in files, made by several workers, with a bar."""
