"""Files to core: reads data sets as they are published, and loads each whole or not at all."""
