"""Pascal VOC: its folders, its XML, and writing both."""
