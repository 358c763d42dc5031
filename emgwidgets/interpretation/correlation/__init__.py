"""Structure against function: MRI findings and reports, the roots they can meet, and how they fit the nerve tests."""
