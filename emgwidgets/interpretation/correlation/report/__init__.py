"""Reader of English spine MRI reports: sections, lexer, groups, scope, assembly, gathering.  Rules only, no learning."""
