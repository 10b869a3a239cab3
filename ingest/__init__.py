"""From the bytes of a PDF to an indexed contract."""
