"""The modality catalogue and courses of treatment."""
