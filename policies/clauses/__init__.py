"""Protocol sections -> rules: for each clause that can refuse, its condition in Cedar and its plain words."""
