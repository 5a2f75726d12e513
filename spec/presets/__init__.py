"""Parameters of genesis states, as TOML files; ``spec.parameters`` reads them."""
