import type { Evidence, Extraction, Schemas } from '../api/types'

/** A line of the values: a group's title, or a value with what is known of it. */
export interface ValueRow {
  /** The value's path, as evidence names it: `lines[0].amount`. */
  path: string
  label: string
  depth: number
  /** The item's number from 1, where the row opens an item of a list. */
  item?: number
  group: boolean
  value: unknown
  evidence?: Evidence
}

/** Lays the extracted data out as lines, in the order of the template. */
export function valueRows(extraction: Extraction): ValueRow[] {
  const rows: ValueRow[] = []
  const walk = (value: unknown, path: string, label: string, depth: number, fields: Schemas['Field'][] = [], item?: number) => {
    const row = { path, label, depth, item, value, evidence: extraction.evidence?.[path] }
    if (Array.isArray(value) && value.length === 0) {
      rows.push({ ...row, value: null, group: false })
    } else if (Array.isArray(value)) {
      rows.push({ ...row, group: true })
      value.forEach((v, i) => walk(v, `${path}[${i}]`, '', depth + 1, fields, i + 1))
    } else if (value !== null && typeof value === 'object') {
      rows.push({ ...row, group: true })
      for (const [k, v, children] of ordered(value, fields)) walk(v, `${path}.${k}`, k, depth + 1, children)
    } else {
      rows.push({ ...row, group: false })
    }
  }
  for (const [k, v, children] of ordered(extraction.extractedData ?? {}, extraction.document?.fields ?? [])) walk(v, k, k, 0, children)
  return rows
}

/** An object's entries in the template's order; what it doesn't name comes last. */
function ordered(data: object, fields: Schemas['Field'][]): [string, unknown, Schemas['Field'][] | undefined][] {
  const place = new Map(fields.map((field, i) => [field.key, i]))
  const at = (key: string) => place.get(key) ?? fields.length
  return Object.entries(data).sort(([a], [b]) => at(a) - at(b)).map(([k, v]) => [k, v, fields[at(k)]?.children])
}

/** A key as people read it: `vendor_name` and `vendorName` are “Vendor name”. */
export function title(key: string): string {
  const words = key.replace(/[_-]+/g, ' ').replace(/([a-z])([A-Z])/g, '$1 $2').trim()
  return words ? words[0]!.toUpperCase() + words.slice(1).toLowerCase() : key
}

/** The data as comma-separated values (RFC 4180): a line for each value, by its path. */
export function toCSV(rows: ValueRow[]): string {
  const lines = rows.filter((r) => !r.group).map((r) => [r.path, r.value, r.evidence?.page, r.evidence?.confidence])
  return [['path', 'value', 'page', 'confidence'], ...lines].map((line) => line.map(csvCell).join(',')).join('\r\n')
}

/** A spreadsheet runs a text that begins with one of = + - @ as a formula; a quote before it stops that. */
function csvCell(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value)
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
