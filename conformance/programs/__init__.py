"""Programs of calls: one generator, fed by any source of choices."""
