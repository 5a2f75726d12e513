"""The executable specification of VVV, sVVV, DIEM and DailyCredits. Start with its README."""
