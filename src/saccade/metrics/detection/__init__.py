"""How good a detector is: COCO's figures and VOC's, curves, confusion, and the kinds of its mistakes."""
