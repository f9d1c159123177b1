"""The rules door: every rule by its name, asked with plain JSON, checked against cases."""
