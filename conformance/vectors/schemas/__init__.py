"""The JSON Schemas of the formats, each complete in itself."""
