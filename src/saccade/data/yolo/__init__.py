"""YOLO: its folders, its rows, and writing both."""
