"""Draws figures: Plot to Vega-Lite to SVG, with the fonts and themes that pages and pictures share."""
