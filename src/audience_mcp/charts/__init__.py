"""A stored result -> a chart: what in it can be drawn, the specification of the drawing, and the picture."""
