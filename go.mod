module decoded.digital/extractor

go 1.26.0
