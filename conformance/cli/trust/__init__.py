"""``diem trust``: what shows that a green run means something."""
