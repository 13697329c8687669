"""How well CVs are read, against truths that are known: counts by field, tables with intervals, calibration.

Works on any folder with a `manifest.jsonl` (a JSON object a line: `id`, `path`, `kind`, `language`, `theme`, `columns`,
`truth`) and truths as JSON Resume.
"""
