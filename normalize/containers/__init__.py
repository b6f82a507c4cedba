"""What holds other files or tables: archives and their members, Parquet, and how far anything may grow."""
