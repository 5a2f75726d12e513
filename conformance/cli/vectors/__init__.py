"""`diem vectors`: vectors are made, and put to programs."""
