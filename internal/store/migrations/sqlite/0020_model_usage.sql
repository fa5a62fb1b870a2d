-- What a language model took for an extraction; NULL where none was asked.
ALTER TABLE extractions ADD COLUMN usage TEXT;
