"""The clinic of a virtual patient: strength, reflexes, feeling, signs, MRI and its report, so that one patient tells one story."""
