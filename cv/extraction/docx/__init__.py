"""Word documents in document order: paragraphs, tables, text boxes, headers and footers."""
