"""What leaves Proviso as a file: one answer or a grid as DOCX, XLSX, CSV, JSON, and the cited pages as PDF.

Pure functions, records in and bytes out. Whoever calls them writes the export into the audit log first.
"""
