"""Synerise Analytics Suite: saved analyses, calculations, segmentations and log-ins."""
