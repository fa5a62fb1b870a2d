ALTER TABLE extractions ADD COLUMN suggested_template TEXT;
